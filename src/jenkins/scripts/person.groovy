
  // What people can act with. Only User.getById(id, false): nothing is created, no full name is taken for an id.
  def idStrategy = controller.securityRealm.userIdStrategy
  def SSH_KEYS = 'org.jenkinsci.main.modules.cli.auth.ssh.UserPropertyImpl'
  def CREDENTIALS = 'com.cloudbees.plugins.credentials.UserCredentialsProvider$UserCredentialsProperty'
  def CLI_HANDLER = 'CLI handler for '
  def propertyOf = { user, String name -> user.getProperties().values().find { it.class.name == name } }

  def sshSessions = { ->
    try {
      def Sshd = load('org.jenkinsci.main.modules.sshd.SSHD')
      def field = Sshd.getDeclaredField('sshd')
      field.accessible = true
      def server = field.get(Sshd.getMethod('get').invoke(null))
      server == null ? [] : new ArrayList(server.getActiveSessions())
    } catch (ClassNotFoundException absent) {
      []
    }
  }
  // Commands of the CLI over HTTP and WebSocket go on whatever let them begin, as SSH sessions do; `groovysh` for good. Threads are gone
  // through once in a script. What serves one has its user, its input and its thread; Java hides that of a WebSocket where it is not opened.
  // What a Jenkins calls otherwise shows here, and not amid a cut.
  def cliSideOf = { Thread thread ->
    try {
      def side
      if (thread.class.name == 'hudson.cli.PlainCLIProtocol$FramedReader') side = thread.@side
      else {
        def task = thread.class.declaredFields.any { it.name == 'target' } ? thread.@target : thread.@holder.@task
        def held = task.class.declaredFields.collect { it.accessible = true; it.get(task) }
        side = held.find { it.class.name.startsWith('hudson.cli.CLIAction') }.@connection
      }
      [user: side.@authentication.name, thread: { -> side.@runningThread }, running: side.@runningThread, input: side.@stdinMatch]
    } catch (Exception hidden) {
      null
    }
  }
  def cliCommands = { ->
    def top = Thread.currentThread().threadGroup
    while (top.parent != null) top = top.parent
    def threads = new Thread[2 * top.activeCount() + 100]
    def found = []
    for (thread in threads.take(top.enumerate(threads))) {
      def handler = thread
      def isHandler = handler.name.startsWith(CLI_HANDLER)
      if (!isHandler && handler.class.name != 'hudson.cli.PlainCLIProtocol$FramedReader') continue
      def side = cliSideOf(handler)
      if (side != null) found << [user: side.user, thread: side.thread, end: { -> side.input.close() }]
      else if (isHandler)
        found << [user: handler.name.substring(CLI_HANDLER.length()), thread: { -> handler.alive ? handler : null }, end: { -> }]
    }
    found
  }.memoize()
  def openSessions = { ->
    def running = cliCommands().findAll { it.thread.call() != null }
    // A shell survives an interruption, and ends with its input.
    def closing = { command -> { now -> command.end.call(); command.thread.call()?.interrupt() } }
    sshSessions() + running.collect { new Expando(username: it.user, close: closing(it)) }
  }
  def sessionsOf = { String id -> openSessions().findAll { it.username != null && idStrategy.equals(it.username, id) } }

  // Whoever makes a token names it: a name is cut, so that nobody fills an answer with it. One that came by a file may have none.
  // A legacy token may live on as a secret that no list shows; it would be back after a restart.
  def tokensOf = { user ->
    def property = user.getProperty(jenkins.security.ApiTokenProperty)
    if (property == null) return []
    def tokens = property.tokenList.collect {
      [uuid: it.uuid, name: it.name?.take(200) ?: '', legacy: it.isLegacy as boolean, lastUse: it.lastUseDate?.time]
    }
    if (property.hasLegacyToken() && !tokens.any { it.legacy }) tokens << [uuid: '', name: 'legacy', legacy: true, lastUse: null]
    tokens
  }

  def keysOf = { user -> (propertyOf(user, SSH_KEYS)?.authorizedKeys ?: '').readLines().count { it.trim() } }

  def credentialsOf = { user ->
    def property = propertyOf(user, CREDENTIALS)
    property == null ? 0 : (property.@domainCredentialsMap ?: [:]).values().collect { it.size() }.sum(0)
  }

  // Everybody a build goes back to: who started it, or what started it, and so on.
  def startersOf = { Collection causes ->
    def ids = new TreeSet(idStrategy)
    def left = new ArrayDeque(causes)
    while (!left.isEmpty()) {
      def cause = left.poll()
      if (cause instanceof hudson.model.Cause.UserIdCause && cause.userId != null) ids << cause.userId
      if (cause instanceof hudson.model.Cause.UpstreamCause) left.addAll(cause.upstreamCauses)
    }
    ids
  }
  def countByStarter = { Collection works ->
    def counts = new TreeMap(idStrategy)
    for (work in works) for (id in startersOf(work.causes)) counts.put(id, (counts.get(id) ?: 0) + 1)
    counts
  }

  // Builds that run or wait, counted by the folded id of who started them. Pipelines run on flyweight executors, their
  // steps on others.
  def currentBuilds = { ->
    def running = Collections.newSetFromMap(new IdentityHashMap())
    for (computer in controller.computers) {
      for (executor in computer.executors + computer.oneOffExecutors) {
        def work = executor.currentExecutable
        def parent = work != null && work.metaClass.respondsTo(work, 'getParentExecutable') ? work.parentExecutable : null
        if (parent != null) work = parent
        if (work instanceof hudson.model.Run) running << work
      }
    }
    [running: countByStarter(running), queued: countByStarter(controller.queue.items as List)]
  }

  // USER and EITHER entries by the id they fold to, for the ids wanted, in one pass over all roles.
  def entriesOf = { Collection wanted ->
    def found = new TreeMap(idStrategy)
    for (id in wanted) found.put(id, [])
    if (active) {
      for (type in TYPES.keySet()) {
        liveOf(type).each { role, entries ->
          for (entry in copyOf(entries)) {
            def list = entry.type.name() == 'GROUP' ? null : found.get(entry.sid)
            if (list != null) list << [type: type, role: role.name, entry: wordOf(entry)]
          }
        }
      }
    }
    found
  }

  // A record that cannot be read keeps nobody else from being read: it is told with the reason, as one that is there. One that
  // lives in memory only and holds nothing is none.
  def stateOf = { String id, entries, builds ->
    def state = [id: id, record: null, tokens: [], sshKeys: 0, sshSessions: 0, password: false, signedIn: false, marks: null, credentials: 0,
                 runningBuilds: builds.running.get(id) ?: 0, queuedBuilds: builds.queued.get(id) ?: 0,
                 entries: entries.get(id) ?: [], error: null]
    try {
      state.sshSessions = sessionsOf(id).size()
      def user = hudson.model.User.getById(id, false)
      if (user != null) {
        def details = user.getProperty(hudson.security.HudsonPrivateSecurityRealm.Details)
        state.password = details != null
        // A cut forgets what the last login brought, and the next login brings it again, the same as a session.
        state.signedIn = !jenkins.security.seed.UserSeedProperty.DISABLE_USER_SEED &&
          user.getProperty(jenkins.security.LastGrantedAuthoritiesProperty)?.@roles != null
        // A record that lives in memory only is made anew with another seed.
        if (user.userFolder != null) {
          state.record = user.id
          state.marks = [password: sha256(details?.getPassword()), seed: sha256(user.getProperty(jenkins.security.seed.UserSeedProperty)?.getSeed())]
        }
        state.tokens = tokensOf(user)
        state.sshKeys = keysOf(user)
        state.credentials = credentialsOf(user)
        if (state.password || state.tokens || [state.sshKeys, state.sshSessions, state.credentials].any { it > 0 }) state.record = user.id
      }
    } catch (Throwable failure) {
      state.record = state.record ?: id
      state.error = told(failure)
    }
    state
  }

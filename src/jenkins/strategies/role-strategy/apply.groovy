
  // Compares, changes, saves once, evaluates, tells what is there now. Any way out but 'done' leaves what was there before.
  def label = { key -> key.type + ' role "' + key.name + '"' }
  def keyOf = { key -> key.type + ':' + key.name }
  def find = { key -> mapOf(key.type).getRole(key.name) }
  def before = new LinkedHashMap()
  def remember = { key ->
    if (!before.containsKey(keyOf(key))) {
      def role = find(key)
      before[keyOf(key)] = [key: key, role: role, entries: role == null ? null : copyOf(liveOf(key.type).get(role))]
    }
  }
  def putBack = { ->
    before.values().each { was ->
      def now = find(was.key)
      if (now != null && !now.is(was.role)) mapOf(was.key.type).removeRole(now)
      if (was.role != null) place(was.key.type, was.role, was.entries)
    }
    touched = false
  }

  def newRole = { change, String description ->
    def permissions = change.permissions.collect { hudson.security.Permission.fromId(it) } as LinkedHashSet
    def pattern = java.util.regex.Pattern.compile(change.pattern)
    def Role = load(PLUGIN + 'Role')
    try {
      return Role.getConstructor(String, java.util.regex.Pattern, Set, String, String)
        .newInstance(change.name, pattern, permissions, description, change.template ?: '')
    } catch (NoSuchMethodException withoutTemplates) {
      return Role.getConstructor(String, java.util.regex.Pattern, Set, String).newInstance(change.name, pattern, permissions, description)
    }
  }

  // Null where the change can be made, else why it never can.
  def impossible = { change ->
    if (change.op != 'create' && change.op != 'update') return null
    def unknown = change.permissions.find { hudson.security.Permission.fromId(it) == null }
    if (unknown != null) return label(change) + ': the permission ' + unknown + ' does not exist here'
    try {
      java.util.regex.Pattern.compile(change.pattern)
    } catch (java.util.regex.PatternSyntaxException wrong) {
      return label(change) + ': the pattern is not a regular expression: ' + wrong.description
    }
    null
  }

  // Null where the change was made, else what stood in its way.
  def make = { change ->
    def role = find(change)
    if (change.op == 'create') {
      if (role != null) return label(change) + ' exists already'
    } else if (role == null) {
      return label(change) + ' does not exist any more'
    }
    remember(change)
    touched = true
    if (change.op == 'create') {
      place(change.type, newRole(change, null), [])
    } else if (change.op == 'update') {
      def fresh = newRole(change, role.description)
      def live = liveOf(change.type).get(role)
      def entries = copyOf(live)
      mapOf(change.type).removeRole(role)
      place(change.type, fresh, entries)
      carryOver(change.type, fresh, entries, live)
    } else if (change.op == 'delete') {
      mapOf(change.type).removeRole(role)
    } else {
      alter(change.type, role, change.op == 'grant', change.entries)
    }
    null
  }

  // Judged by the ACL alone: asking the realm could mean a call to LDAP.
  def canAdminister = { String id ->
    def authorities = [hudson.security.SecurityRealm.AUTHENTICATED_AUTHORITY2]
    def caller = new org.springframework.security.authentication.UsernamePasswordAuthenticationToken(id, '', authorities)
    strategy.getRootACL().hasPermission2(caller, jenkins.model.Jenkins.ADMINISTER)
  }
  def lockedOut = { -> !params.keepAdministrators.isEmpty() && !params.keepAdministrators.any(canAdminister) }
  def LOCKED_OUT = 'nobody of ' + params.keepAdministrators.size() + ' could administer any more'

  def decide = { ->
    def fence = fenced()
    if (fence != null) return [outcome: 'fenced', reason: fence]
    def differs = params.preconditions.find { wanted ->
      def role = find(wanted)
      def digest = role == null ? 'absent' : describe(wanted.type, role, liveOf(wanted.type).get(role)).digest
      digest != wanted.digest
    }
    if (differs != null) return [outcome: 'conflict', reason: label(differs) + ' was changed meanwhile']
    def never = params.changes.findResult(impossible)
    if (never != null) return [outcome: 'refused', reason: never]

    def applied = 0
    for (change in params.changes) {
      if (applied > 0 && spent() > params.budget) break
      def obstacle = make(change)
      if (obstacle != null) {
        putBack()
        return [outcome: 'conflict', reason: obstacle]
      }
      applied++
    }
    if (lockedOut()) {
      putBack()
      return [outcome: 'lock-out', reason: LOCKED_OUT]
    }
    if (!controller.authorizationStrategy.is(strategy)) {
      touched = false
      return [outcome: 'conflict', reason: 'the strategy was replaced meanwhile']
    }
    def saves = 0
    if (applied > 0) {
      save()
      saves++
      strategy.validateConfig()
    }
    if (lockedOut()) {
      putBack()
      save()
      return [outcome: 'lock-out', reason: LOCKED_OUT]
    }
    if (!controller.authorizationStrategy.is(strategy)) {
      touched = false
      return [outcome: 'conflict', reason: 'the strategy was replaced while it was saved']
    }
    def roles = params.preconditions.collect { [key: it, role: find(it)] }.findAll { it.role != null }
    [outcome: 'done', applied: applied, saves: saves,
     roles: roles.collect { describe(it.key.type, it.role, liveOf(it.key.type).get(it.role)) }]
  }

  if (!active) {
    result = [outcome: 'conflict', reason: 'the authorization strategy is ' + strategy.class.name]
  } else {
    // The class, not the strategy: it stays the same object when the strategy is replaced. Excludes our own scripts only.
    synchronized (strategy.class) {
      try {
        result = decide()
      } catch (Throwable failure) {
        if (touched) putBack()
        throw failure
      }
    }
  }

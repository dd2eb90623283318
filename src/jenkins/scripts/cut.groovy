
  // Takes people apart in the order of semantics 2. One person's failure never stops another; one save of the strategy.
  def self = jenkins.model.Jenkins.getAuthentication2().name
  def now = { -> System.currentTimeMillis() }
  def PERSONAL = ['revoke-tokens', 'remove-ssh-keys', 'close-ssh-sessions', 'scramble-password', 'end-sessions']

  // Tokens that cannot be listed count as one: they are revoked all the same, and what is left is read afterwards.
  def countOf = { user ->
    try {
      tokensOf(user).size()
    } catch (Exception unlisted) {
      1
    }
  }

  // Of a password that nobody knows, one for everybody of this call: a hash takes up to a second. 72 characters: the most that bcrypt takes.
  def hashOfUnknown = { ->
    def bytes = new byte[54]
    new java.security.SecureRandom().nextBytes(bytes)
    hudson.security.HudsonPrivateSecurityRealm.Details.fromPlainPassword(bytes.encodeBase64().toString()).password
  }.memoize()

  // Each gives how many of the thing there were; `null` user: nothing to take.
  def take = [
    'revoke-tokens': { user, id ->
      def property = user?.getProperty(jenkins.security.ApiTokenProperty)
      if (property == null) return 0
      def count = countOf(user)
      // The legacy token first: revokeAllTokens leaves its secret, which makes a new token at the next start.
      property.deleteApiToken()
      property.revokeAllTokens()
      count
    },
    'remove-ssh-keys': { user, id ->
      if (user == null || propertyOf(user, SSH_KEYS) == null) return 0
      def count = keysOf(user)
      // Core has no removeProperty; a blank property would disable the parser instead.
      user.@properties = new ArrayList(user.@properties.findAll { it.class.name != SSH_KEYS })
      count
    },
    'close-ssh-sessions': { user, id ->
      def sessions = sessionsOf(id)
      sessions.each { it.close(true) }
      sessions.size()
    },
    'scramble-password': { user, id ->
      if (user?.getProperty(hudson.security.HudsonPrivateSecurityRealm.Details) == null) return 0
      user.addProperty(hudson.security.HudsonPrivateSecurityRealm.Details.fromHashedPassword(hashOfUnknown()))
      1
    },
    'end-sessions': { user, id ->
      if (user == null) return 0
      user.getProperty(jenkins.security.LastGrantedAuthoritiesProperty)?.invalidate()
      def seed = user.getProperty(jenkins.security.seed.UserSeedProperty)
      if (seed == null) throw new IllegalStateException('the record has no session seed')
      seed.renewSeed()
      1
    },
  ]

  // Runs work on one record and saves it once. A record that lives in memory only is not brought to the disk.
  def saving = { user, Closure work ->
    if (user == null) return work()
    def change = new hudson.BulkChange(user)
    try {
      work()
      if (user.userFolder != null) change.commit()
    } finally {
      change.abort()
    }
  }
  def begun = { id, order -> [id: id, order: order, steps: [], missing: [], error: null, unsaved: false] }
  def noted = { person, String kind, Closure work ->
    try {
      person.steps << [kind: kind, at: now(), done: true, count: work(), reason: null]
    } catch (Throwable failure) {
      person.steps << [kind: kind, at: now(), done: false, count: null, reason: told(failure)]
    }
  }
  def undone = { person, Collection kinds, String reason ->
    person.steps.findAll { kinds.contains(it.kind) }.each { it.done = false; it.reason = reason }
  }

  def cutPerson = { person ->
    def user = hudson.model.User.getById(person.id, false)
    def kinds = PERSONAL.findAll { person.order.steps.contains(it) }
    if (kinds.contains('end-sessions') && jenkins.security.seed.UserSeedProperty.DISABLE_USER_SEED) {
      kinds.remove('end-sessions')
      person.missing << 'end-sessions'
    }
    try {
      saving(user) { -> kinds.each { kind -> noted(person, kind) { -> take[kind](user, person.id) } } }
    } catch (Throwable failure) {
      person.unsaved = true
      undone(person, kinds, 'not saved: ' + told(failure))
    }
  }

  def cutEntries = { people ->
    def owing = people.findAll { it.order.steps.contains('remove-entries') }
    def found = entriesOf(owing.findAll { it.order.entries == null }.collect { it.id })
    def removed = 0
    for (person in owing) {
      noted(person, 'remove-entries') { ->
        if (!active) throw new IllegalStateException('the authorization strategy is ' + strategy.class.name)
        def count = 0
        for (line in (person.order.entries == null ? found.get(person.id) : person.order.entries)) {
          def role = mapOf(line.type).getRole(line.role)
          if (role != null) count += alter(line.type, role, false, [line.entry])
        }
        removed += count
        count
      }
    }
    if (owing.isEmpty() || (removed == 0 && !isUnsaved())) return 0
    try {
      if (!controller.authorizationStrategy.is(strategy)) throw new IllegalStateException('the strategy was replaced meanwhile')
      controller.servletContext.setAttribute(UNSAVED, true)
      save()
      strategy.validateConfig()
      return 1
    } catch (Throwable failure) {
      // What was removed stays removed in memory: that is the safe side, but it is not proven to last.
      owing.each { undone(it, ['remove-entries'], 'not saved: ' + told(failure)) }
      return 0
    }
  }

  // A session that was still open may have made a token or a key in between. What a cut before took and could not save is on the disk yet.
  def cutAgain = { person ->
    if (!person.order.steps.contains('second-cut')) return
    def user = hudson.model.User.getById(person.id, false)
    noted(person, 'second-cut') { ->
      def count = 0
      def kinds = person.order.again ?: ['revoke-tokens', 'remove-ssh-keys', 'close-ssh-sessions']
      def again = { -> kinds.each { count += take[it](user, person.id) } }
      def left = user != null && (person.unsaved || countOf(user) > 0 || propertyOf(user, SSH_KEYS) != null)
      left ? saving(user, again) : again()
      count
    }
  }

  def deleteRecord = { person ->
    if (!person.order.steps.contains('delete-record')) return
    noted(person, 'delete-record') { ->
      def user = hudson.model.User.getById(person.id, false)
      if (user == null) return 0
      if (!idStrategy.equals(user.id, person.id)) throw new IllegalStateException('the record is of ' + user.id)
      user.delete()
      // A session whose user has no record is let in unseen (HttpSessionContextIntegrationFilter2). One in memory has a seed of its own.
      hudson.model.User.getById(person.id, true)
      1
    }
  }

  // Jobs that whoever knows their token can start. Only names leave; the time is short, since a controller can have many.
  def remoteTriggers = { ->
    def found = [count: 0, jobs: [], whole: true]
    def until = spent() + params.triggerBudget
    try {
      for (job in controller.allItems(jenkins.model.ParameterizedJobMixIn.ParameterizedJob)) {
        if (spent() > until) {
          found.whole = false
          break
        }
        if (job.authToken?.token == null) continue
        found.count++
        if (found.jobs.size() < params.shownTriggers) found.jobs << job.fullName
      }
    } catch (Throwable failure) {
      found.whole = false
    }
    found
  }

  def work = { ->
    def fence = fenced()
    if (fence != null) return [outcome: 'fenced', reason: fence]
    def people = []
    def rest = []
    for (order in params.orders) {
      if (!people.isEmpty() && spent() > params.budget) {
        rest << order.id
        continue
      }
      def person = begun(order.id, order)
      people << person
      if (idStrategy.equals(self, order.id)) {
        person.error = 'this is the account of the service'
        person.order = order + [steps: []]
      } else {
        touched = true
        try {
          cutPerson(person)
        } catch (Throwable failure) {
          person.error = told(failure)
        }
      }
    }
    def saves = cutEntries(people)
    people.each(cutAgain)
    people.each(deleteRecord)

    def entries = entriesOf(people.collect { it.id })
    def builds = currentBuilds()
    def results = people.collect { person ->
      def after = stateOf(person.id, entries, builds)
      if (after.error != null) person.error = person.error ?: 'cannot be read: ' + after.error
      [id: person.id, steps: person.steps, missing: person.missing, after: after, error: person.error]
    }
    [outcome: 'done', results: results, rest: rest, saves: saves]
  }

  // The class, not the strategy: it stays the same object when the strategy is replaced. Excludes our own scripts only.
  synchronized (strategy.class) {
    result = work()
  }
  if (result.outcome == 'done') result.remoteTriggers = remoteTriggers()

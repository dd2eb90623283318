
  // role-strategy (657 or newer): reading its three maps and replacing what one role holds.
  // RoleMap.java: the sets behind roles are CopyOnWriteArraySet (XML, REST) or plain HashSet (after a JCasC load).
  def PLUGIN = 'com.michelin.cio.hudson.plugins.rolestrategy.'
  def strategy = controller.authorizationStrategy
  def active = strategy.class.name == PLUGIN + 'RoleBasedAuthorizationStrategy'
  def TYPES = [global: 'globalRoles', item: 'projectRoles', agent: 'slaveRoles']
  def LETTERS = [USER: 'u', GROUP: 'g', EITHER: 'e']
  def KINDS = [u: 'USER', g: 'GROUP', e: 'EITHER']
  def Entry = active ? load(PLUGIN + 'PermissionEntry') : null
  def Kind = active ? load(PLUGIN + 'AuthorizationType') : null
  def RoleType = active ? load('com.synopsys.arc.jenkins.plugins.rolestrategy.RoleType') : null
  def mapOf = { type -> strategy.getRoleMap(RoleType.fromString(TYPES[type])) }
  def liveOf = { type -> strategy.getGrantedRolesEntries(RoleType.fromString(TYPES[type])) }

  def wordOf = { entry -> LETTERS[entry.type.name()] + entry.sid }
  def entryOf = { String word -> Entry.newInstance(Kind.valueOf(KINDS[word.substring(0, 1)]), word.substring(1)) }

  // A HashSet may be changed by somebody else while it is read.
  def copyOf = { Collection entries ->
    def copy = null
    for (int attempt = 1; copy == null; attempt++) {
      try {
        copy = new ArrayList(entries)
      } catch (ConcurrentModificationException raced) {
        if (attempt == 20) throw raced
      }
    }
    copy
  }

  // SHA-256 of the JSON of a value: no two values give the same text, and no loop of ours runs over the entries.
  def sha256 = { value ->
    def bytes = groovy.json.JsonOutput.toJson(value).getBytes('UTF-8')
    java.security.MessageDigest.getInstance('SHA-256').digest(bytes).encodeHex().toString()
  }

  def describe = { String type, role, Collection entries ->
    def permissions = role.permissions.collect { it.id }
    Collections.sort(permissions)
    def words = copyOf(entries).collect(wordOf)
    Collections.sort(words)
    def template = role.metaClass.respondsTo(role, 'getTemplateName') ? (role.templateName ?: null) : null
    def pattern = role.pattern.pattern()
    def digest = sha256([type, role.name, pattern, template, permissions, words])
    [type: type, name: role.name, pattern: pattern, template: template, permissions: permissions, entries: words, digest: digest]
  }

  def describeAll = { ->
    def all = []
    for (type in TYPES.keySet()) liveOf(type).each { role, entries -> all << describe(type, role, entries) }
    all
  }

  def fingerprintOf = { Collection described -> sha256([strategy.class.name, described.collect { it.digest }]) }

  // Puts a role with exactly these entries. A concurrent set goes straight into the private map, because
  // RoleMap.addRole(Role, Set) copies into a CopyOnWriteArraySet, which is quadratic; it stays as the fallback.
  def place = { String type, role, Collection entries ->
    def map = mapOf(type)
    def ready = java.util.concurrent.ConcurrentHashMap.newKeySet(Math.max(16, entries.size() * 2))
    ready.addAll(entries)
    try {
      map.@grantedRoles.put(role, ready)
      // Drops the plugin's cache of matching roles, which knows the former set.
      map.unAssignRole(role, Entry.newInstance(Kind.valueOf('EITHER'), UUID.randomUUID().toString()))
    } catch (MissingFieldException unknown) {
      if (map.metaClass.respondsTo(map, 'addRole', role.class, Set)) {
        map.addRole(role, ready)
      } else {
        map.addRole(role)
        map.clearSidsForRole(role)
        ready.each { map.assignRole(role, it) }
      }
    }
  }

  // What somebody else changed in the set that was there, between its copy and the end of its use.
  def carryOver = { String type, role, Collection copied, Collection left ->
    def now = new HashSet(copyOf(left))
    def then = new HashSet(copied)
    now.findAll { !then.contains(it) }.each { mapOf(type).assignRole(role, it) }
    then.findAll { !now.contains(it) }.each { mapOf(type).unAssignRole(role, it) }
  }

  def IN_PLACE = ['java.util.concurrent.CopyOnWriteArraySet', 'java.util.concurrent.ConcurrentHashMap$KeySetView']

  // Adds or removes entries: a few in place where the set allows that, many by a fresh set. Gives the number changed.
  def alter = { String type, role, boolean add, Collection words ->
    def live = liveOf(type).get(role)
    def entries = words.collect(entryOf)
    if (entries.size() <= 64 && IN_PLACE.contains(live.class.name)) {
      def map = mapOf(type)
      return entries.count { entry ->
        def there = live.contains(entry)
        if (add && !there) map.assignRole(role, entry)
        if (!add && there) map.unAssignRole(role, entry)
        there != add
      }
    }
    def copied = copyOf(live)
    def set = new LinkedHashSet(copied)
    def before = set.size()
    if (add) set.addAll(entries) else set.removeAll(new HashSet(entries))
    if (set.size() != before) {
      place(type, role, set)
      carryOver(type, role, copied, live)
    }
    Math.abs(set.size() - before)
  }

  // Compares with the highest fence this controller has seen since it started, and remembers this one.
  def fenced = { ->
    def key = 'jenkins-scim.fence.' + params.lineage
    def seen = controller.servletContext.getAttribute(key)
    if (seen != null && params.fence < seen) return 'the fence ' + params.fence + ' is lower than ' + seen
    controller.servletContext.setAttribute(key, params.fence as Long)
    controller.servletContext.setAttribute('jenkins-scim.wrote.' + params.lineage, System.currentTimeMillis())
    null
  }

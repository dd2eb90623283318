
  // What this controller is. Facts only.
  def realm = controller.securityRealm
  def legacy = jenkins.security.apitoken.ApiTokenPropertyConfiguration.get()
  def plugins = controller.pluginManager.plugins.findAll { it.active }

  // Whether a local source of configuration-as-code holds a roleBased block. Remote sources are not fetched.
  def jcasc = null
  if (plugins.any { it.shortName == 'configuration-as-code' }) {
    def files = []
    for (source in load('io.jenkins.plugins.casc.ConfigurationAsCode').get().sources) {
      def file = new File(source.startsWith('file:') ? (source.toURI().path ?: '') : source)
      if (file.isFile()) files << file
      if (file.isDirectory()) file.eachFileRecurse(groovy.io.FileType.FILES) { if (it.name ==~ /(?i).*\.ya?ml/) files << it }
    }
    // A block that was commented out is none. The strategy may be called by its class, too.
    def holds = { it.length() < 4000000L && it.getText('UTF-8').replaceAll(/(?m)(^|\s)#.*$/, '') =~ /\broleBased(AuthorizationStrategy)?["']?\s*:/ }
    jcasc = [roles: files.take(200).any { holds(it) as boolean }]
  }

  // Whoever gets in by a password that the realm keeps itself (oic-auth); before 4.609 it is no property of the realm.
  def escapeHatch = { ->
    if (realm.class.name != 'org.jenkinsci.plugins.oic.OicSecurityRealm') return null
    if (realm.metaClass.respondsTo(realm, 'getEscapeHatchUsername')) return realm.escapeHatchEnabled ? realm.escapeHatchUsername : null
    realm.properties.find { it.class.simpleName == 'EscapeHatch' }?.username
  }

  // Switches of the JVM that change what an entry of role-strategy means; a plugin without one has it off.
  def isOn = { String name, String field ->
    try { load(name).getField(field).getBoolean(null) } catch (ReflectiveOperationException absent) { false }
  }

  // Databases that wrote here since the start, and when each did last (`roles.groovy`, where fences are compared).
  def WROTE = 'jenkins-scim.wrote.'
  def names = Collections.list(controller.servletContext.attributeNames).findAll { it.startsWith(WROTE) }
  def writers = names.collect { [lineage: it.substring(WROTE.length()), at: controller.servletContext.getAttribute(it)] }

  result = [
    core: jenkins.model.Jenkins.VERSION,
    realm: realm.class.name,
    escapeHatch: escapeHatch(),
    strategy: controller.authorizationStrategy.class.name,
    plugins: plugins.collectEntries { [it.shortName, it.version] },
    userIds: realm.userIdStrategy.class.simpleName,
    groupIds: realm.groupIdStrategy.class.simpleName,
    permissions: hudson.security.Permission.getAll().collect {
      [id: it.id, title: it.group.id + '/' + it.name, enabled: it.enabled, impliedBy: it.impliedBy?.id]
    },
    userSeeds: !jenkins.security.seed.UserSeedProperty.DISABLE_USER_SEED,
    legacyTokens: [creationOnUserCreation: legacy.tokenGenerationOnCreationEnabled, creationByHand: legacy.creationOfLegacyTokenEnabled],
    signUp: realm.allowsSignup(),
    builtInExecutors: controller.numExecutors,
    jcasc: jcasc,
    roleSwitches: [
      caseSensitive: isOn('com.michelin.cio.hudson.plugins.rolestrategy.RoleMap', 'FORCE_CASE_SENSITIVE'),
      authoritiesAsRoles: isOn('org.jenkinsci.plugins.rolestrategy.Settings', 'TREAT_USER_AUTHORITIES_AS_ROLES'),
    ],
    writers: writers,
  ]


  // What ids hold that somebody was just linked to. Only records that are there; no secret leaves the controller.
  def connected = new TreeMap(idStrategy)
  for (session in openSessions()) {
    if (session.username != null) connected.put(session.username, (connected.get(session.username) ?: 0) + 1)
  }

  // As OpenSSH writes it; null where the line is no key.
  def sshKeyOf = { String line ->
    def words = line.trim().split(/\s+/) as List
    def at = words.findIndexOf { it ==~ /(ssh|ecdsa|sk)-[A-Za-z0-9@.-]+/ }
    def key = [type: at < 0 ? '' : words[at].take(100), fingerprint: null]
    if (at < 0 || at + 1 >= words.size()) return key
    try {
      def digest = java.security.MessageDigest.getInstance('SHA-256').digest(java.util.Base64.decoder.decode(words[at + 1]))
      key.fingerprint = 'SHA256:' + java.util.Base64.encoder.withoutPadding().encodeToString(digest)
    } catch (IllegalArgumentException garbage) {}
    key
  }

  def tellOf = { String id, user ->
    def person = [id: id, record: user.id, tokens: [], tokenCount: 0, sshKeys: [], sshKeyCount: 0,
                  sshSessions: connected.get(id) ?: 0, password: false, credentials: 0, error: null]
    try {
      def created = [:]
      user.getProperty(jenkins.security.ApiTokenProperty)?.tokenList?.each { created.put(it.uuid, it.creationDate?.time) }
      def tokens = tokensOf(user)
      person.tokenCount = tokens.size()
      person.tokens = tokens.take(params.shown).collect { it + [created: created.get(it.uuid)] }
      def lines = (propertyOf(user, SSH_KEYS)?.authorizedKeys ?: '').readLines().findAll { it.trim() }
      person.sshKeyCount = lines.size()
      person.sshKeys = lines.take(params.shown).collect(sshKeyOf)
      person.password = user.getProperty(hudson.security.HudsonPrivateSecurityRealm.Details) != null
      person.credentials = credentialsOf(user)
    } catch (Throwable failure) {
      person.error = told(failure)
    }
    person
  }

  def known = []
  def seen = 0
  def named = 0
  for (id in params.ids) {
    if (seen > 0 && (spent() > params.budget || named > params.named)) break
    seen++
    def user = hudson.model.User.getById(id, false)
    if (user == null) continue
    def one = tellOf(id, user)
    named += 1 + one.tokens.size() + one.sshKeys.size()
    known << one
  }
  result = [known: known, rest: params.ids.drop(seen)]

import { speak } from '../http.ts';

/** Parameters reach a script as one Base64 literal, as in the product. */
function withParameters(text: string, parameters: unknown): string {
  const encoded = Buffer.from(JSON.stringify(parameters), 'utf8').toString('base64');
  return `def p = new groovy.json.JsonSlurperClassic().parseText(new String('${encoded}'.decodeBase64(), 'UTF-8'))\n${text}\nreturn null`;
}

/** Runs a script of the rig and gives what it prints after `=> `. @throws Error where it printed a trace instead */
export async function runGroovy(
  at: { readonly url: string; readonly user: string; readonly token: string },
  text: string,
  parameters: unknown,
): Promise<string> {
  const { status, body } = await speak(new URL('scriptText', at.url), {
    method: 'POST',
    user: at.user,
    secret: at.token,
    form: { script: withParameters(text, parameters) },
  });
  const printed = /^=> (.*)$/m.exec(body)?.[1];
  if (status !== 200 || printed === undefined) throw new Error(`script: ${status} ${body.slice(0, 300)}`);
  return printed;
}

/** Makes what people and administrators make on a controller, with the controller's own classes. */
export const MAKE = {
  account: `
    hudson.security.HudsonPrivateSecurityRealm realm = jenkins.model.Jenkins.get().securityRealm
    realm.createAccount(p.id, p.password).save()
    println '=> made'`,
  token: `
    def user = hudson.model.User.getById(p.id, true)
    def made = user.getProperty(jenkins.security.ApiTokenProperty).tokenStore.generateNewToken('e2e')
    user.save()
    println '=> ' + made.plainValue`,
  legacyToken: `
    def user = hudson.model.User.getById(p.id, true)
    def property = user.getProperty(jenkins.security.ApiTokenProperty)
    property.changeApiToken()
    user.save()
    println '=> ' + property.getApiTokenInsecure()`,
  sshKey: `
    def Keys = jenkins.model.Jenkins.get().pluginManager.uberClassLoader.loadClass('org.jenkinsci.main.modules.cli.auth.ssh.UserPropertyImpl')
    def user = hudson.model.User.getById(p.id, true)
    user.addProperty(Keys.getConstructor(String).newInstance(p.key))
    user.save()
    println '=> added'`,
  sshPort: `
    def port = -1
    try {
      port = jenkins.model.Jenkins.get().pluginManager.uberClassLoader.loadClass('org.jenkinsci.main.modules.sshd.SSHD').get().actualPort
    } catch (ClassNotFoundException absent) {}
    println '=> ' + port`,
  job: `
    def controller = jenkins.model.Jenkins.get()
    if (controller.computers.any { it.online && it.numExecutors > 0 }) {
      def job = controller.createProject(hudson.model.FreeStyleProject, p.name)
      job.buildersList.add(hudson.Functions.isWindows() ? new hudson.tasks.BatchFile('ping -n 300 127.0.0.1') : new hudson.tasks.Shell('sleep 300'))
      if (p.remoteToken != null) {
        def field = hudson.model.AbstractProject.getDeclaredField('authToken')
        field.accessible = true
        field.set(job, new hudson.model.BuildAuthorizationToken(p.remoteToken))
      }
      job.save()
      println '=> made'
    } else println '=> nowhere to build'`,
  anotherStrategy: `
    def controller = jenkins.model.Jenkins.get()
    controller.servletContext.setAttribute('jenkins-scim-e2e.strategy', controller.authorizationStrategy)
    def open = new hudson.security.FullControlOnceLoggedInAuthorizationStrategy()
    open.allowAnonymousRead = false
    controller.authorizationStrategy = open
    controller.save()
    println '=> chosen'`,
  strategyBack: `
    def controller = jenkins.model.Jenkins.get()
    def before = controller.servletContext.getAttribute('jenkins-scim-e2e.strategy')
    if (before != null) controller.authorizationStrategy = before
    controller.save()
    controller.servletContext.removeAttribute('jenkins-scim-e2e.strategy')
    println '=> back'`,
  dropJob: `
    jenkins.model.Jenkins.get().getItem(p.name)?.delete()
    println '=> gone'`,
  credential: `
    def load = { name -> jenkins.model.Jenkins.get().pluginManager.uberClassLoader.loadClass('com.cloudbees.plugins.credentials.' + name) }
    try {
      def Provider = load('CredentialsProvider')
      def user = hudson.model.User.getById(p.id, false)
      def acting = hudson.security.ACL.as2(user.impersonate2())
      try {
        def store = Provider.lookupStores(user).find { it.provider.class.simpleName == 'UserCredentialsProvider' }
        def kind = load('impl.UsernamePasswordCredentialsImpl')
        def scope = load('CredentialsScope').valueOf('USER')
        store.addCredentials(load('domains.Domain').global(), kind.newInstance(scope, p.id, 'e2e', 'somebody', 'something'))
      } finally { acting.close() }
      println '=> added'
    } catch (ClassNotFoundException absent) { println '=> absent' }`,
  forget: `
    def user = hudson.model.User.getById(p.id, false)
    if (user != null) user.delete()
    println '=> gone'`,
} as const;

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
  forget: `
    def user = hudson.model.User.getById(p.id, false)
    if (user != null) user.delete()
    println '=> gone'`,
} as const;

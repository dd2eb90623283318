// Opening of every script. PARAMETERS and SENTINEL stand on the two lines above; from here on the text never changes.
// Nothing is built from data: the parameters are decoded, compared and stored, never evaluated.
def touched = false
def reply = null
try {
  def params = new groovy.json.JsonSlurperClassic().parseText(new String(PARAMETERS.decodeBase64(), 'UTF-8'))
  def controller = jenkins.model.Jenkins.getInstance()
  def load = { String name -> controller.pluginManager.uberClassLoader.loadClass(name) }
  def started = System.nanoTime()
  def spent = { -> (System.nanoTime() - started).intdiv(1000000L) }
  def told = { Throwable failure -> (failure.class.name + ': ' + failure.message).take(500) }
  def result = null

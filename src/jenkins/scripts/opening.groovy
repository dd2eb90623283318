// Opening of every script. PARAMETERS and SENTINEL stand on the two lines above; everything from here on never changes.
// Nothing below is built from data: the parameters are decoded, compared and stored, never evaluated.
def touched = false
def reply = null
try {
  def params = new groovy.json.JsonSlurperClassic().parseText(new String(PARAMETERS.decodeBase64(), 'UTF-8'))
  def jenkins = jenkins.model.Jenkins.getInstance()
  def result = null

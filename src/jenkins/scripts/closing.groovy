
  // Closing of every script: one line behind the sentinel, and no value.
  reply = [ok: true, session: jenkins.model.Jenkins.SESSION_HASH, time: System.currentTimeMillis(), result: result]
} catch (Throwable failure) {
  reply = [ok: false, error: (failure.class.name + ': ' + failure.message).take(500), touched: touched]
}
println SENTINEL + groovy.json.JsonOutput.toJson(reply)
return null

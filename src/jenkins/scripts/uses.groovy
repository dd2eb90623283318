
  // How often the tokens of the service's own account were used, this time included.
  def property = hudson.model.User.getById(params.id, false)?.getProperty(jenkins.security.ApiTokenProperty)
  def settings = jenkins.security.apitoken.ApiTokenPropertyConfiguration.get()
  result = [
    counted: settings.usageStatisticsEnabled,
    tokens: property == null ? [] : property.tokenList.collect { [uuid: it.uuid, uses: it.useCounter] },
  ]

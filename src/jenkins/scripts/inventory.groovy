
  // One page of everybody with a saved record; records that live in memory only are nobody's account.
  def ids = hudson.model.User.getAll().findAll { it.userFolder != null }.collect { it.id }
  Collections.sort(ids)
  if (params.after != null) ids = ids.findAll { it > params.after }
  def page = ids.take(params.limit)
  def entries = entriesOf(page)
  def builds = currentBuilds()
  def people = []
  for (id in page) {
    if (!people.isEmpty() && spent() > params.budget) break
    people << stateOf(id, entries, builds)
  }
  result = [people: people, next: people.size() < ids.size() ? people.last().id : null]

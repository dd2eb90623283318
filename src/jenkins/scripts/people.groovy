
  // State of the people named.
  def entries = entriesOf(params.ids)
  def builds = currentBuilds()
  def people = []
  for (id in params.ids) {
    if (!people.isEmpty() && spent() > params.budget) break
    people << stateOf(id, entries, builds)
  }
  result = [people: people, rest: params.ids.drop(people.size())]

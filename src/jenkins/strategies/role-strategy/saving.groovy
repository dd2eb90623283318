
  // Set while what is in memory may not be on the disk, because a save of ours failed: whoever finds nothing to take has not
  // taken it yet. A start forgets it together with the memory.
  def UNSAVED = 'jenkins-scim.unsaved'
  def isUnsaved = { -> controller.servletContext.getAttribute(UNSAVED) != null }
  def save = { ->
    controller.save()
    controller.servletContext.removeAttribute(UNSAVED)
  }

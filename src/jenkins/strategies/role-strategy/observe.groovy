
  // Everything the strategy holds, at one moment.
  def described = active ? describeAll() : null
  result = [strategy: strategy.class.name, roles: described, fingerprint: fingerprintOf(described ?: [])]

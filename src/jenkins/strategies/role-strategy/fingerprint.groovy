
  // Whether anything differs from the last time, without telling what.
  result = [strategy: strategy.class.name, fingerprint: fingerprintOf(active ? describeAll() : [])]

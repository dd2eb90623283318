package hudson.model;

import java.util.ArrayList;
import java.util.List;

/** Stand-in. */
public class Run {
  private final List<Cause> causes = new ArrayList<>();

  public Run(Cause cause) {
    causes.add(cause);
  }

  public List<Cause> getCauses() {
    return causes;
  }
}

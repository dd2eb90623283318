package hudson.model;

import java.util.ArrayList;
import java.util.List;

/** Stand-in. */
public class Computer {
  public final List<Executor> executors = new ArrayList<>();
  public final List<OneOffExecutor> oneOffExecutors = new ArrayList<>();
}

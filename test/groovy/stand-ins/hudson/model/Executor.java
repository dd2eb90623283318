package hudson.model;

/** Stand-in. */
public class Executor {
  public Object currentExecutable;
}

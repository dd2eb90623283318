package hudson.model;

/** Stand-in. */
public class OneOffExecutor extends Executor {}

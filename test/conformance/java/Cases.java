import java.util.Objects;

/** Runs cases one after the other and prints a line for each: `ok NAME`, `skip NAME: WHY` or `fail NAME: WHY`. */
final class Cases {
  interface Body {
    void run() throws Exception;
  }

  private int failed;

  void run(String name, Body body) {
    try {
      body.run();
      say("ok", name);
    } catch (Throwable problem) {
      failed++;
      say("fail", name + ": " + problem);
    }
  }

  /** A case of something the service may not have; `advertised` is what its ServiceProviderConfig says. */
  void runIf(boolean advertised, String name, Body body) {
    if (advertised) run(name, body);
    else say("skip", name + ": not advertised in ServiceProviderConfig");
  }

  void end() {
    System.exit(failed == 0 ? 0 : 1);
  }

  static void same(Object expected, Object found) {
    if (!Objects.equals(expected, found)) throw new AssertionError("expected " + expected + ", found " + found);
  }

  static void holds(boolean condition, String what) {
    if (!condition) throw new AssertionError(what);
  }

  private static void say(String outcome, String text) {
    System.out.println(outcome + " " + text.replaceAll("\\s+", " "));
  }
}

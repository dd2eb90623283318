package jenkins.model;

import java.util.Comparator;
import java.util.Locale;

/** Stand-in: the three ways of comparing ids. */
public abstract class IdStrategy implements Comparator<String> {
  public boolean equals(String a, String b) {
    return compare(a, b) == 0;
  }

  public abstract String keyFor(String id);

  public static class CaseInsensitive extends IdStrategy {
    @Override
    public int compare(String a, String b) {
      return String.CASE_INSENSITIVE_ORDER.compare(a, b);
    }

    @Override
    public String keyFor(String id) {
      return id.toLowerCase(Locale.ENGLISH);
    }
  }

  public static class CaseSensitive extends IdStrategy {
    @Override
    public int compare(String a, String b) {
      return a.compareTo(b);
    }

    @Override
    public String keyFor(String id) {
      return id;
    }
  }

  public static class CaseSensitiveEmailAddress extends CaseSensitive {
    @Override
    public int compare(String a, String b) {
      return keyFor(a).compareTo(keyFor(b));
    }

    @Override
    public String keyFor(String id) {
      int at = id.lastIndexOf('@');
      return at == -1 ? id : id.substring(0, at) + id.substring(at).toLowerCase(Locale.ENGLISH);
    }
  }
}

package hudson.model;

import java.util.ArrayList;
import java.util.List;

/** Stand-in. */
public class Queue {
  public final List<Item> waiting = new ArrayList<>();

  public Item[] getItems() {
    return waiting.toArray(new Item[0]);
  }

  public static class Item {
    private final List<Cause> causes;

    public Item(List<Cause> causes) {
      this.causes = causes;
    }

    public List<Cause> getCauses() {
      return causes;
    }
  }
}

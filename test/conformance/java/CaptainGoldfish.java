import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.resources.ResourceType;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.EndpointPaths;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.resources.EnterpriseUser;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.ServiceProvider;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Email;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Member;
import de.captaingoldfish.scim.sdk.common.response.BulkResponse;
import de.captaingoldfish.scim.sdk.common.response.BulkResponseOperation;
import de.captaingoldfish.scim.sdk.common.response.ListResponse;
import de.captaingoldfish.scim.sdk.common.schemas.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** SCIM-SDK of Captain-P-Goldfish as a client of the service: parameter 1 is the base URL, SCIM_TOKEN the bearer token. */
public final class CaptainGoldfish {
  private static final String USERS = EndpointPaths.USERS;
  private static final String GROUPS = EndpointPaths.GROUPS;

  public static void main(String[] parameters) {
    ScimClientConfig config = ScimClientConfig.builder()
        .httpHeaders(Map.of("Authorization", "Bearer " + System.getenv("SCIM_TOKEN")))
        .expectedHttpResponseHeaders(Map.of())
        .connectTimeout(5).requestTimeout(30).socketTimeout(30).build();
    Cases cases = new Cases();
    try (ScimRequestBuilder scim = new ScimRequestBuilder(parameters[0], config)) {
      ServiceProvider features = scim.loadServiceProviderConfiguration();

      cases.run("discovery: its own reading of the schemas", () -> {
        Cases.same(2, good(scim.list(ResourceType.class, EndpointPaths.RESOURCE_TYPES).get().sendRequest()).getListedResources().size());
        Cases.same(3, good(scim.list(Schema.class, EndpointPaths.SCHEMAS).get().sendRequest()).getListedResources().size());
        Cases.holds(features.getPatchConfig().isSupported(), "patch is supported");
      });

      User ana = good(scim.create(User.class, USERS).setResource(user("cg-ana")).sendRequest());
      String id = ana.getId().orElseThrow();
      cases.run("create: what is sent comes back, with id and meta", () -> {
        Cases.same(parameters[0] + "/Users/" + id, ana.getMeta().orElseThrow().getLocation().orElseThrow());
        Cases.same("Ruiz", ana.getName().orElseThrow().getFamilyName().orElseThrow());
        Cases.same("77", ana.getEnterpriseUser().orElseThrow().getEmployeeNumber().orElseThrow());
        Cases.same(ana, good(scim.get(User.class, USERS, id).sendRequest()));
      });

      cases.run("errors: duplicate, unknown, wrong filter", () -> {
        bad(409, "uniqueness", scim.create(User.class, USERS).setResource(user("CG-ANA")).sendRequest());
        bad(404, null, scim.get(User.class, USERS, "nobody").sendRequest());
        bad(400, "invalidFilter", scim.list(User.class, USERS).filter("userName zz \"x\"").get().sendRequest());
      });

      cases.run("query: filters by GET and by .search, projection", () -> {
        for (String filter : List.of(
            "userName eq \"cg-ANA\"", "emails[type eq \"work\" and value co \"cg-ana@\"]", "externalId eq \"ext-cg-ana\"",
            "userName sw \"cg-an\" and not (active eq false)")) {
          Cases.same(List.of(ana), good(scim.list(User.class, USERS).filter(filter).get().sendRequest()).getListedResources());
          Cases.same(List.of(ana), good(scim.list(User.class, USERS).filter(filter).post().sendRequest()).getListedResources());
        }
        User part = good(scim.list(User.class, USERS).filter("userName", Comparator.EQ, "cg-ana")
            .and("externalId", Comparator.EQ, "ext-cg-ana").build().attributes("userName", "name.familyName").get().sendRequest()).getListedResources().get(0);
        Cases.same("Ruiz", part.getName().orElseThrow().getFamilyName().orElseThrow());
        Cases.holds(part.getEmails().isEmpty(), "no e-mails");
      });

      cases.run("PATCH of a user: values, value paths, extension, removal", () -> {
        User changed = good(scim.patch(User.class, USERS, id)
            .addOperation().op(PatchOp.REPLACE).path("displayName").value("Ana R.")
            .next().op(PatchOp.REPLACE).path("emails[type eq \"work\"].value").value("ana.r@corp.test")
            .next().op(PatchOp.ADD).path("phoneNumbers").valueNode(object(Map.of("value", "+34 600 000 000", "type", "mobile")))
            .next().op(PatchOp.REPLACE).path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department").value("Payments")
            .next().op(PatchOp.REMOVE).path("name.givenName")
            .build().sendRequest());
        Cases.same("Ana R.", changed.getDisplayName().orElseThrow());
        Cases.same("ana.r@corp.test", changed.getEmails().get(0).getValue().orElseThrow());
        Cases.same(1, changed.getPhoneNumbers().size());
        Cases.same("Payments", changed.getEnterpriseUser().orElseThrow().getDepartment().orElseThrow());
        Cases.holds(changed.getName().orElseThrow().getGivenName().isEmpty(), "no given name");
        Cases.same(changed, good(scim.get(User.class, USERS, id).sendRequest()));
      });

      cases.run("PUT with a version; a stale one is refused; 304 for a known one", () -> {
        User current = good(scim.get(User.class, USERS, id).sendRequest());
        String version = current.getMeta().orElseThrow().getVersion().orElseThrow().getEntityTag();
        current.setTitle("Lead");
        User replaced = good(scim.update(User.class, USERS, id).setETagForIfMatch(version).setResource(current).sendRequest());
        Cases.same("Lead", replaced.getTitle().orElseThrow());
        current.setTitle("Head");
        bad(412, null, scim.update(User.class, USERS, id).setETagForIfMatch(version).setResource(current).sendRequest());
        String now = replaced.getMeta().orElseThrow().getVersion().orElseThrow().getEntityTag();
        Cases.same(304, scim.get(User.class, USERS, id).setETagForIfNoneMatch(now).sendRequest().getHttpStatus());
      });

      cases.run("group: members added, listed, removed", () -> {
        User bo = good(scim.create(User.class, USERS).setResource(user("cg-bo")).sendRequest());
        String boId = bo.getId().orElseThrow();
        Group made = Group.builder().displayName("cg-team").members(List.of(Member.builder().value(id).type("User").build())).build();
        String group = good(scim.create(Group.class, GROUPS).setResource(made).sendRequest()).getId().orElseThrow();
        ok(scim.patch(Group.class, GROUPS, group).addOperation().op(PatchOp.ADD).path("members").valueNode(object(Map.of("value", boId))).build().sendRequest());
        Cases.same(Set.of(id, boId), ids(good(scim.get(Group.class, GROUPS, group).sendRequest())));
        ok(scim.patch(Group.class, GROUPS, group).addOperation().op(PatchOp.REMOVE).path("members[value eq \"" + id + "\"]").build().sendRequest());
        Cases.same(Set.of(boId), ids(good(scim.get(Group.class, GROUPS, group).sendRequest())));
        User inside = good(scim.get(User.class, USERS, boId).sendRequest());
        Cases.same(group, inside.getGroups().get(0).getValue().orElseThrow());
        ok(scim.delete(Group.class, GROUPS, group).sendRequest());
        Cases.same(0, good(scim.get(User.class, USERS, boId).sendRequest()).getGroups().size());
        ok(scim.delete(User.class, USERS, boId).sendRequest());
      });

      cases.run("paging by index, sorted", () -> {
        for (int number = 0; number < 25; number++) good(scim.create(User.class, USERS).setResource(user(String.format("cg-page-%02d", number))).sendRequest());
        List<String> names = new ArrayList<>();
        for (int start = 1; start <= 25; start += 10) {
          ListResponse<User> page = good(scim.list(User.class, USERS).filter("userName sw \"cg-page-\"")
              .sortBy("userName").sortOrder(SortOrder.DESCENDING).startIndex(start).count(10).get().sendRequest());
          Cases.same(25L, page.getTotalResults());
          Cases.same((long) start, page.getStartIndex());
          for (User item : page.getListedResources()) names.add(item.getUserName().orElseThrow());
        }
        for (int number = 0; number < 25; number++) Cases.same(String.format("cg-page-%02d", 24 - number), names.get(number));
        Cases.same(25, names.size());
        ListResponse<User> posted = good(scim.list(User.class, USERS).filter("userName sw \"cg-page-\"").startIndex(21).count(10).post().sendRequest());
        Cases.same(5, posted.getListedResources().size());
      });

      boolean bulk = features.getBulkConfig().isSupported();
      cases.runIf(bulk, "Bulk: a group before its member, by bulkId; one failure among others", () -> {
        Group team = Group.builder().displayName("cg-bulk").members(List.of(Member.builder().value("bulkId:1").type("User").build())).build();
        BulkResponse answer = good(scim.bulk().failOnErrors(5)
            .bulkRequestOperation(GROUPS).method(HttpMethod.POST).bulkId("2").data(team.toString()).next()
            .bulkRequestOperation(USERS).method(HttpMethod.POST).bulkId("1").data(user("cg-bulk").toString()).next()
            .bulkRequestOperation(USERS).method(HttpMethod.POST).bulkId("3").data(user("cg-ana").toString()).sendRequest());
        Map<String, BulkResponseOperation> byId = new java.util.HashMap<>();
        for (BulkResponseOperation item : answer.getBulkResponseOperations()) byId.put(item.getBulkId().orElseThrow(), item);
        Cases.same(201, byId.get("1").getStatus());
        Cases.same(201, byId.get("2").getStatus());
        Cases.same(409, byId.get("3").getStatus());
        String group = last(byId.get("2").getLocation().orElseThrow());
        Cases.same(Set.of(last(byId.get("1").getLocation().orElseThrow())), ids(good(scim.get(Group.class, GROUPS, group).sendRequest())));
      });

      cases.run("DELETE, then 404", () -> {
        ok(scim.delete(User.class, USERS, id).sendRequest());
        bad(404, null, scim.get(User.class, USERS, id).sendRequest());
      });
    }
    cases.end();
  }

  private static User user(String name) {
    return User.builder().userName(name).active(true).externalId("ext-" + name)
        .name(Name.builder().givenName("Ana").familyName("Ruiz").build())
        .emails(List.of(Email.builder().value(name + "@corp.test").type("work").primary(true).build()))
        .enterpriseUser(EnterpriseUser.builder().employeeNumber("77").build()).build();
  }

  private static ObjectNode object(Map<String, String> values) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    values.forEach(node::put);
    return node;
  }

  private static String last(String location) {
    return location.substring(location.lastIndexOf('/') + 1);
  }

  private static Set<String> ids(Group group) {
    Set<String> ids = new HashSet<>();
    for (Member member : group.getMembers()) ids.add(member.getValue().orElseThrow());
    return ids;
  }

  /** The resource of an answer that the library itself takes for a valid SCIM success. */
  private static <T extends de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode> T good(ServerResponse<T> response) {
    ok(response);
    return response.getResource();
  }

  private static void ok(ServerResponse<?> response) {
    Cases.holds(response.isSuccess() && response.isValidScimResponse(), response.getHttpStatus() + " " + response.getResponseBody());
  }

  private static void bad(int status, String scimType, ServerResponse<?> response) {
    Cases.same(status, response.getHttpStatus());
    Cases.same(status, response.getErrorResponse().getStatus());
    Cases.same(scimType, response.getErrorResponse().getScimType().orElse(null));
  }
}

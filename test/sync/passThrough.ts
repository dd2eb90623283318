import type { Controller } from '../../src/access/ports/controller.ts';

/** The same controller as a plain value, so that single calls can be replaced. */
export function passThrough(controller: Controller): Controller {
  return {
    name: controller.name,
    whoAmI: () => controller.whoAmI(),
    probe: () => controller.probe(),
    uses: () => controller.uses(),
    createToken: (name) => controller.createToken(name),
    revokeToken: (uuid) => controller.revokeToken(uuid),
    observe: () => controller.observe(),
    fingerprint: () => controller.fingerprint(),
    apply: (batch) => controller.apply(batch),
    people: (ids) => controller.people(ids),
    older: (ids) => controller.older(ids),
    inventory: () => controller.inventory(),
    cut: (fence, orders) => controller.cut(fence, orders),
    close: () => controller.close(),
  };
}

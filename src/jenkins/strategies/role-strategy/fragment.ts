/** Closures over role-strategy's maps that several scripts begin with. */
export const roles = new URL('./roles.groovy', import.meta.url);

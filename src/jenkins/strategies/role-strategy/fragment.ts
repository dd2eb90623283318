/** Closures over role-strategy's maps that several scripts begin with. */
export const roles = new URL('./roles.groovy', import.meta.url);

/** How scripts that change something save it; behind `roles`. */
export const saving = new URL('./saving.groovy', import.meta.url);

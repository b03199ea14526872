/** `filters` of lists, events and prunes: key → values, in the order given. Both wire forms are decoded to this. */
export type Filters = Readonly<Record<string, readonly string[]>>

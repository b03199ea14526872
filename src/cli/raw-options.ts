/** The values that commander collected, by camelCase name; each command's `options.ts` turns them into its own type. */
export type RawOptions = Readonly<Record<string, unknown>>

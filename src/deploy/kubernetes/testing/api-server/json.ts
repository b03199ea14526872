/** JSON as the server of the tests keeps it: nothing of it is changed once it is in an object. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonMap = { readonly [key: string]: Json }

export function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isSame(one: Json | undefined, other: Json | undefined): boolean {
  return canonical(one) === canonical(other)
}

/** Text in which keys have one order. */
export function canonical(value: Json | undefined): string {
  return JSON.stringify(value, (_, inner: Json) =>
    isMap(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )
}

/** A value below others; undefined where there is none. */
export function at(value: Json | undefined, ...names: readonly string[]): Json | undefined {
  return names.reduce<Json | undefined>((inner, name) => (isMap(inner) ? inner[name] : undefined), value)
}

/** A copy with a value put in below others. */
export function put(value: JsonMap, names: readonly string[], inner: Json | undefined): JsonMap {
  const [name = '', ...more] = names
  const below = value[name]
  const next = more.length === 0 ? inner : put(isMap(below) ? below : {}, more, inner)
  const { [name]: _, ...rest } = value
  return next === undefined ? rest : { ...value, [name]: next }
}

/** Makes something once for all who ask for it in one moment. What it is made from may have changed in the next. */
export function onceAMoment<Of, Value>(make: (of: Of) => Value): (of: Of) => Value {
  const known = new Map<Of, { readonly value: Value }>()
  return of => {
    const before = known.get(of)
    if (before !== undefined) return before.value
    if (known.size === 0) setImmediate(() => known.clear())
    const value = make(of)
    known.set(of, { value })
    return value
  }
}

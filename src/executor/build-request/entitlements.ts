import { type BuildInput, refusal } from './attribute.ts'

const KNOWN = ['network.host', 'security.insecure'] as const

/** What RUN may ask for: `entitlements`, and `privileged` for the insecure one. Raises BUILD_ENTITLEMENT_UNKNOWN. */
export function buildEntitlements(input: BuildInput): readonly (typeof KNOWN)[number][] {
  const { entitlements = [], privileged } = input.operation.build
  const known: readonly string[] = KNOWN
  const unknown = entitlements.findIndex(name => !known.includes(name))
  if (unknown >= 0)
    throw refusal(input, {
      code: 'BUILD_ENTITLEMENT_UNKNOWN',
      at: ['entitlements', unknown],
      summary: `"${entitlements[unknown]}" is no entitlement`,
      hint: `there are ${KNOWN.join(' and ')}`,
    })
  const wanted = new Set([...entitlements, ...(privileged === true ? ['security.insecure'] : [])])
  return KNOWN.filter(name => wanted.has(name))
}

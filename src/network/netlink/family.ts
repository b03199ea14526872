import type { Family } from '../ip/address.ts'

/** AF_INET and AF_INET6. */
export const AF: Readonly<Record<Family, number>> = { 4: 2, 6: 10 }

/** The family of an AF_ number; undefined for others. */
export function familyOf(af: number): Family | undefined {
  return af === AF[4] ? 4 : af === AF[6] ? 6 : undefined
}

import { createHash, randomBytes } from 'node:crypto'

/** A locally administered unicast address that follows from a text. */
export function stableMac(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 5)
  return `02${[...bytes].map(byte => `:${byte.toString(16).padStart(2, '0')}`).join('')}`
}

/**
 * A locally administered unicast address, `02:…`: one that follows from network and address where they are given, so
 * that a container that takes over an address takes its neighbours' ARP entries over too; random otherwise.
 */
export function newMacAddress(place?: { readonly networkId: string; readonly address: string }): string {
  return stableMac(
    place ? `${place.networkId} ${place.address.replace(/\/.*/, '')}` : randomBytes(16).toString('hex'),
  )
}

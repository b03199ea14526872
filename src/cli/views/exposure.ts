import type { Exposure, Reach } from '../../project/exposure.ts'
import type { Listing } from './listing/listing.ts'

const WHO: Readonly<Record<Reach, string>> = {
  machine: 'this machine alone',
  input: 'whom its rules for INPUT let through',
  all: 'all who reach it, past its rules for INPUT',
}

/** Published ports, and who reaches them. */
export const EXPOSURE: Listing<Exposure> = {
  fields: {
    Service: { title: 'SERVICE', of: ({ service }) => service },
    Name: { title: 'NAME', of: ({ container }) => container },
    Address: { title: 'ADDRESS', of: ({ address }) => address },
    Port: { title: 'PORT', of: ({ port }) => port || 'any free' },
    Target: { title: 'LEADS TO', of: ({ target }) => target },
    Interface: { title: 'INTERFACE', of: row => row.interface },
    Reach: { title: 'REACHED BY', of: ({ reach }) => WHO[reach] },
  },
  columns: ['Name', 'Address', 'Port', 'Target', 'Interface', 'Reach'],
  json: rows => `${JSON.stringify(rows)}\n`,
}

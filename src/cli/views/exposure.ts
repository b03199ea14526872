import type { Exposure, Reach } from '../../project/exposure.ts'
import type { Listing } from './listing/listing.ts'

const WHO: Readonly<Record<Reach, string>> = {
  machine: 'this machine alone',
  input: 'whom its rules for INPUT let through',
  all: 'all who reach it, past its rules for INPUT',
  listening: 'whom its rules for INPUT let through, wherever it listens',
  none: 'nobody',
}

const PORT_COLUMNS = ['Name', 'Address', 'Port', 'Target', 'Interface', 'Reach']

/** Published ports, who reaches them, and, where a container is held, where they go. */
export const EXPOSURE: Listing<Exposure> = {
  fields: {
    Service: { title: 'SERVICE', of: ({ service }) => service },
    Name: { title: 'NAME', of: ({ container }) => container },
    Address: { title: 'ADDRESS', of: ({ address }) => address },
    Port: {
      title: 'PORT',
      of: ({ port, reach }) => (reach === 'none' || reach === 'listening' ? '' : port || 'any free'),
    },
    Target: { title: 'LEADS TO', of: ({ target }) => target },
    Interface: { title: 'INTERFACE', of: row => row.interface },
    Reach: { title: 'REACHED BY', of: ({ reach }) => WHO[reach] },
    Egress: {
      title: 'GOES TO',
      of: ({ egress }) =>
        egress === undefined ? 'wherever its networks lead' : ['its networks', ...egress].join(', '),
    },
  },
  columns: rows =>
    rows.some(({ egress }) => egress !== undefined) ? [...PORT_COLUMNS, 'Egress'] : PORT_COLUMNS,
  json: rows => `${JSON.stringify(rows)}\n`,
}

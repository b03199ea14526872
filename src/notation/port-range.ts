/** Ports from the first to the last, both included. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

const LAST_PORT = 65_535

/** `8080`, a port of 0 to 65535; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  return /^[0-9]+$/.test(text) && Number(text) <= LAST_PORT ? Number(text) : undefined
}

/** `8080` or `8000-8010`; undefined for anything else and for a range that runs backwards. */
export function parsePortRange(text: string): PortRange | undefined {
  const dash = text.indexOf('-')
  const from = parsePort(dash < 0 ? text : text.slice(0, dash))
  const to = dash < 0 ? from : parsePort(text.slice(dash + 1))
  return from === undefined || to === undefined || to < from ? undefined : { from, to }
}

/** The container's ports that `3000-3002/udp` names, one text a port with its protocol; none for what is no port. */
export function expandPorts(text: string): string[] {
  const [, ports = '', protocol = 'tcp'] = /^([^/]*)(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? []
  const range = parsePortRange(ports)
  if (range === undefined) return []
  return Array.from(
    { length: range.to - range.from + 1 },
    (_, index) => `${range.from + index}/${protocol.toLowerCase()}`,
  )
}

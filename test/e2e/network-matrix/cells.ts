import { OTHER_NAMES, PORTS, SERVICES } from './stack.ts'

/** Who asked for what, and what came of it: `front → both A`, `both`. */
export type Cells = Record<string, string>

/** An address of a service on a network, for those who are told it rather than a name. */
export interface Place {
  readonly service: string
  readonly address: string
}

/** Addresses of the machine on a link to another one, the same wherever this runs. */
export const MACHINE = { 4: '10.98.66.1', 6: 'fd00:98:66::1' } as const

/**
 * A shell script that prints a line for each cell of one row: every name in both families, unless the row is none of a container's, every
 * address, every published port at the machine's addresses. A name's word is `no resolver`, `no name`, or what each address of it serves: a service's
 * name, or `no way`.
 */
export function rowScript(places: readonly Place[], isContainer = true): string {
  const names = isContainer ? [...SERVICES, ...OTHER_NAMES] : []
  return [
    'get() { said=$(printf "GET / HTTP/1.0\\r\\n\\r\\n" | nc -w 2 "$1" "$2" 2>/dev/null | tail -n 1); echo "${said:-no way}"; }',
    'cell() { echo "$1=$(get $2 $3)"; }',
    // The first block of an answer is the server's own.
    `of() { nslookup -type=$2 "$1" 127.0.0.11 2>/dev/null | sed '1,/^$/d' | sed -n 's/^Address: //p' | sort -u; }`,
    'name() { grep -q 127.0.0.11 /etc/resolv.conf 2>/dev/null || { echo "$1 $2=no resolver"; return; }; all=$(of "$1" $2); [ -n "$all" ] || { echo "$1 $2=no name"; return; }; echo "$1 $2=$(for each in $all; do get $each 80; done | sort -u | tr "\\n" " ")"; }',
    ...names.flatMap(each => [`name ${each} a`, `name ${each} aaaa`]),
    // Of most of these nothing is heard, for two seconds each.
    ...places.map(({ service, address }) => {
      const family = address.includes(':') ? 6 : 4
      return `cell "address of ${service}, ${family}" ${address} 80 &`
    }),
    'wait',
    "gateway=$(ip route 2>/dev/null | sed -n 's/^default via \\([^ ]*\\).*/\\1/p')",
    ...Object.entries(PORTS).flatMap(([service, { port }]) => [
      ...(isContainer
        ? [
            `[ -n "$gateway" ] && cell "port of ${service} at the gateway" $gateway ${port} || echo "port of ${service} at the gateway=no way"`,
          ]
        : []),
      `cell "port of ${service} at 127.0.0.1" 127.0.0.1 ${port}`,
      `cell "port of ${service} at ::1" ::1 ${port}`,
      `cell "port of ${service} at the machine, 4" ${MACHINE[4]} ${port}`,
      `cell "port of ${service} at the machine, 6" ${MACHINE[6]} ${port}`,
    ]),
  ].join('\n')
}

/** The lines of a row as cells. */
export function parseRow(source: string, output: string): Cells {
  return Object.fromEntries(
    output
      .split('\n')
      .filter(line => line.includes('='))
      .map(line => {
        const at = line.indexOf('=')
        return [`${source} → ${line.slice(0, at)}`, line.slice(at + 1).trim()]
      }),
  )
}

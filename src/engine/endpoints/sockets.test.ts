import { describe, expect, test } from 'vitest'
import { socketsIn } from './sockets.ts'

/** Rows of /proc/net/tcp: local and remote address with their ports, and a state. */
const table = (...rows: readonly [local: string, state: string][]): string =>
  [
    '  sl  local_address rem_address   st tx_queue',
    ...rows.map(([local, state], index) => `   ${index}: ${local} 030012AC:C350 ${state} 00000000:00000000`),
  ].join('\n')

describe('sockets of a container', () => {
  test('are those on which it listens, and connections to them that are not over', () => {
    const open = ['01', '03', '04', '08'].map((state): [string, string] => ['020012AC:0050', state])
    const over = ['06', '07', '09'].map((state): [string, string] => ['020012AC:0050', state])
    const out: [string, string] = ['020012AC:C351', '01']
    expect(socketsIn([table(['00000000:0050', '0A'], ...open, ...over, out)])).toEqual({
      listening: new Set([80]),
      peers: Array.from({ length: 4 }, () => '172.18.0.3'),
    })
  })

  test('count by both families, and not within it', () => {
    const six = table(
      ['00000000000000000000000000000000:1F90', '0A'],
      ['0000000000000000FFFF0000020012AC:1F90', '01'],
      ['0000000000000000FFFF00000100007F:1F90', '01'],
      ['00000000000000000000000001000000:1F90', '01'],
    )
    const four = table(['0100007F:2328', '0A'], ['0100007F:2328', '01'])
    expect(socketsIn([four, six])).toEqual({ listening: new Set([8080]), peers: ['172.18.0.3'] })
  })
})

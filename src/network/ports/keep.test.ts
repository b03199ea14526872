import { describe, expect, test } from 'vitest'
import type { PortRequest } from './assign.ts'
import { contestedPorts, keepPorts } from './keep.ts'
import type { PublishedPort } from './published.ts'

const BOTH = ['0.0.0.0', '::']
const has = (hostPort: number, containerPort: number, hostIps: readonly string[] = BOTH): PublishedPort[] =>
  hostIps.map(hostIp => ({ protocol: 'tcp', hostIp, hostPort, containerPort }))
const want = (
  containerPort: number,
  range?: readonly [number, number],
  hostIps: readonly string[] = BOTH,
): PortRequest => ({
  protocol: 'tcp',
  containerPort,
  hostIps,
  ...(range && { range: { from: range[0], to: range[1] } }),
})
/** `host port > container port at addresses` of what is kept, and how many are asked for. */
function kept(
  requests: readonly PortRequest[],
  ports: readonly PublishedPort[],
  hasIPv6 = true,
  before: readonly PortRequest[] = [],
): string[] {
  const { kept: all, asked } = keepPorts(requests, ports, before, hasIPv6)
  return [
    ...all.map(({ hostPort, containerPort, hostIp }) => `${hostPort} > ${containerPort} at ${hostIp}`),
    ...asked.map(({ hostIps, range }) => `asked ${range?.from ?? 'any'} at ${hostIps.join()}`),
  ]
}

describe('a container that runs', () => {
  test('keeps the ports that it has, also where they lead elsewhere', () => {
    expect(kept([want(81, [8080, 8080])], has(8080, 80))).toEqual(['8080 > 81 at 0.0.0.0', '8080 > 81 at ::'])
  })

  test('keeps of a range, or of any, the one that leads where it did', () => {
    const ports = [...has(8001, 80), ...has(8002, 81)]
    expect(kept([want(80, [8000, 8009]), want(81)], ports)).toEqual([
      '8001 > 80 at 0.0.0.0',
      '8001 > 80 at ::',
      '8002 > 81 at 0.0.0.0',
      '8002 > 81 at ::',
    ])
    expect(kept([want(82, [8000, 8009])], ports)).toEqual(['asked 8000 at 0.0.0.0,::'])
  })

  test('has on a machine without IPv6 what that gives', () => {
    const ports = has(8080, 80, ['0.0.0.0'])
    expect(kept([want(80, [8080, 8080])], ports)).toEqual(['asked 8080 at 0.0.0.0,::'])
    expect(kept([want(80, [8080, 8080])], ports, false)).toEqual(['8080 > 80 at 0.0.0.0'])
  })

  test('does not keep as one of any what was named', () => {
    const ports = [...has(8080, 80), ...has(36819, 80)]
    expect(kept([want(80)], ports, true, [want(80, [8080, 8080]), want(80)])).toEqual([
      '36819 > 80 at 0.0.0.0',
      '36819 > 80 at ::',
    ])
  })

  test('gives up first what it is to have at other addresses', () => {
    const contested = (hostIps: readonly string[], number = 8080): number =>
      contestedPorts([want(80, [number, number], hostIps)], has(8080, 80)).size
    expect([contested(['::']), contested(['127.0.0.1']), contested(BOTH), contested(['::'], 8081)]).toEqual([
      2, 2, 0, 0,
    ])
  })

  test('keeps one port for one request', () => {
    expect(kept([want(80), want(80)], has(8080, 80))).toEqual([
      '8080 > 80 at 0.0.0.0',
      '8080 > 80 at ::',
      'asked any at 0.0.0.0,::',
    ])
  })
})

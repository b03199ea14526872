import { readFileSync, writeFileSync } from 'node:fs'
import type { Drift } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import { driverOf } from '../../network/index.ts'
import { inPlace, type NetworkSight, type Thing } from './thing.ts'

/**
 * Sysctls of a network's interface on the host: that it forwards, takes no router's word, has IPv6 or has not. Of a host that is no
 * router at all, and of an interface that is not there, other things tell.
 */
export const BRIDGE_SETTINGS: Thing<NetworkSight> = {
  paths: ['sysctl'],
  observe(sight) {
    return changedOf(sight).map(({ drift }) => drift)
  },
  repair(sight, drift) {
    for (const { drift: each, file, value } of changedOf(sight))
      if (drift.some(({ Path }) => Path === each.Path)) writeFileSync(file, value)
    return Promise.resolve()
  },
}

interface Changed {
  readonly drift: Drift
  readonly file: string
  readonly value: string
}

function changedOf({ network, host }: NetworkSight): Changed[] {
  const driver = driverOf(network)
  if (host === undefined || !driver.stands(host, network)) return []
  return Object.entries(driver.settings(network)).flatMap(([key, value]): Changed[] => {
    const [file, got] = [`/proc/sys/${key}`, readSysctl(key)]
    if (got === undefined || got === value || isOfHost(key)) return []
    // Whose it is is said already.
    const path = key.replace(/^net\/(ipv[46])\/conf\/.*\//, 'sysctl.$1.')
    return [{ drift: inPlace({ path, want: value, got }), file, value }]
  })
}

/** Where the host forwards nothing at all, its interfaces do not either. */
function isOfHost(key: string): boolean {
  const [, family = ''] = /^net\/(ipv[46])\/conf\/.*\/forwarding$/.exec(key) ?? []
  return family !== '' && readSysctl(`net/${family}/conf/all/forwarding`) === '0'
}

/** Undefined for what this kernel has not. */
function readSysctl(key: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${key}`, 'utf8').trim()
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

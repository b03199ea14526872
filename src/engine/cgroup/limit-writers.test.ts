import { expect, test } from 'vitest'
import type { Limits } from './limits.ts'
import { limitsV1 } from './limits-v1.ts'
import { limitsV2 } from './limits-v2.ts'

/** Each limit there is: a new one does not compile until it is here. */
const EACH: Required<Limits> = {
  memory: 1 << 26,
  memorySwap: 1 << 27,
  memoryReservation: 1 << 25,
  swappiness: 10,
  oomKillDisable: true,
  nanoCpus: 500_000_000,
  cpuQuota: 50_000,
  cpuPeriod: 50_000,
  cpuShares: 512,
  rtRuntime: 1000,
  rtPeriod: 100_000,
  cpusetCpus: '0',
  cpusetMems: '0',
  pids: 10,
  blkioWeight: 500,
  blkioDevices: [{ kind: 'readBps', major: 8, minor: 0, rate: 1 }],
}

test.each(Object.entries(EACH))('%s is written in both layouts, or said to be lost', (name, value) => {
  const limit = { [name]: value }
  expect(limitsV1(limit)).not.toEqual(limitsV1({}))
  expect(limitsV2(limit)).not.toEqual(limitsV2({}))
})

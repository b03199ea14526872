import { expect, test } from 'vitest'
import type { FrontConnection, FrontRoute } from '../../native/index.ts'
import type { Container } from '../state/container.ts'
import { FrontDoor } from './front-door.ts'

/** An instance's container at 127.70.0.1:8080, as far as it counts here. */
const INSTANCE = {
  record: {
    config: {
      Labels: {
        'com.docker.compose.project': 'shop-a',
        'com.tscompose.instance': 'a',
        'com.tscompose.address': '127.70.0.1',
      },
    },
  },
  published: [{ protocol: 'tcp', hostIp: '127.70.0.1', hostPort: 8080, count: 1 }],
} as unknown as Container
const PLAIN = {
  protocol: 'tcp',
  containerPort: 80,
  hostIps: ['127.0.0.1'],
  range: { from: 8080, to: 8080 },
} as const

interface Lab {
  readonly door: FrontDoor
  readonly containers: Container[]
  /** What each process was told, as the ports that it listens at. */
  readonly told: number[][]
  /** Ends the process that there is. */
  readonly kill: () => void
}

function makeLab({ errno = 0, wanted = true } = {}): Lab {
  const containers: Container[] = []
  const told: number[][] = []
  let kill = (): void => undefined
  const openFront = async (): Promise<FrontConnection> => ({
    pid: undefined,
    lead: async (routes: readonly FrontRoute[]) => {
      const ports = routes.filter(({ listens }) => listens).map(({ port }) => port)
      told.push(ports)
      return ports.map(number => ({ number, errno }))
    },
    closed: new Promise(resolve => {
      kill = () => resolve()
    }),
    close: () => undefined,
  })
  const door = new FrontDoor({
    run: '/nowhere',
    native: { openFront },
    host: { architecture: 'x86_64' },
    containers,
    wanted,
    warn: ({ summary }) => {
      throw new Error(summary)
    },
  })
  return { door, containers, told, kill: () => kill() }
}

test('nothing is begun as long as there is no instance, and nothing said twice', async () => {
  const { door, containers, told } = makeLab()
  await door.follow()
  expect(told).toEqual([])
  containers.push(INSTANCE)
  await Promise.all([door.follow(), door.follow()])
  expect(told).toEqual([[8080]])
  containers.pop()
  await door.follow()
  expect(told).toEqual([[8080], []])
})

test('nothing is begun, and nothing told, where no names are wanted', async () => {
  const { door, containers, told } = makeLab({ wanted: false })
  containers.push(INSTANCE)
  await door.follow()
  expect([told, door.portsOf(INSTANCE)]).toEqual([[], []])
})

test('a port that somebody is to have is let go of before, and had again where he has not got it', async () => {
  const { door, containers, told } = makeLab()
  containers.push(INSTANCE)
  await door.follow()
  const states = await door.giveWay([PLAIN], async () => door.portsOf(INSTANCE).map(({ state }) => state))
  expect(states).toEqual(['given up'])
  expect(told).toEqual([[8080], [], [8080]])
  await expect(door.giveWay([PLAIN], () => Promise.reject(new Error('taken')))).rejects.toThrow('taken')
  expect(door.portsOf(INSTANCE)).toEqual([{ name: 'a.shop.localhost', port: 8080, state: 'answers' }])
})

test('what another program has is tried again when it is asked for', async () => {
  const { door, containers, told } = makeLab({ errno: 98 })
  containers.push(INSTANCE)
  await door.follow()
  expect(door.portsOf(INSTANCE).map(({ state }) => state)).toEqual(['taken'])
  await door.follow()
  expect(told).toHaveLength(1)
  await door.tryAgain()
  expect(told).toHaveLength(2)
})

test('one that has ended is told all anew', async () => {
  const { door, containers, told, kill } = makeLab()
  containers.push(INSTANCE)
  await door.follow()
  kill()
  await expect.poll(() => told).toEqual([[8080], [8080]])
})

import { describe, expect, test } from 'vitest'
import type { HostConfig } from '../types/index.ts'
import { type Peer, Peers } from './peers.ts'

const CALLER: Peer = { uid: 1000, gid: 1001 }
const [CONNECTION, OTHER] = [{}, {}]

/** What a create request of a user's connection has of its binds' owner. */
function ownerOf(host: HostConfig | undefined, peer: Peer = CALLER, connection = CONNECTION): unknown {
  const peers = new Peers()
  peers.introduce(CONNECTION, peer)
  const body = { Image: 'x', ...(host === undefined ? {} : { HostConfig: host }) }
  return peers.withOwner(connection, body).HostConfig?.TscomposeBindOwner
}

const annotated = (choice: string): HostConfig => ({ Annotations: { 'com.tscompose.bind_owner': choice } })

describe('binds of a container belong, by the connection of its request', () => {
  test('to a user who is not root, in sources that are his own', () => {
    const own = { Uid: 1000, Gid: 1001, OwnAlone: true }
    expect([ownerOf(undefined), ownerOf({ Binds: ['/a:/a'] })]).toEqual([own, own])
  })

  test.each([
    ['root', ownerOf({}, { uid: 0, gid: 1001 })],
    ['one of whom nothing was said', ownerOf({}, CALLER, OTHER)],
    ['one who wants them as with Docker', ownerOf(annotated('container'))],
  ])('to nobody in particular where it is that of %s', (_, owner) => {
    expect(owner).toBeUndefined()
  })

  test('to the user in sources of others, too, where he says so', () => {
    expect(ownerOf(annotated('caller'))).toEqual({ Uid: 1000, Gid: 1001 })
  })

  test('to whom the request names', () => {
    expect(ownerOf({ TscomposeBindOwner: { Uid: 7, Gid: 8 } })).toEqual({ Uid: 7, Gid: 8 })
  })

  test('to nobody who is not one of the two: that is refused', () => {
    expect(() => ownerOf(annotated('mine'))).toThrow('want "caller" or "container"')
  })
})

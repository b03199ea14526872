// Answers that an engine gives to `ps` and `exec` of examples/lamp, canned, and to `up` and `down` of it where nothing is there: with
// them the build runs each command once, so that V8's code caches hold what such a command executes. It is no engine, and no test uses it.
import { createServer, type Server } from 'node:http'
import { encodeFrame, encodeTold } from '../src/api/framing.ts'

const ID = '0'.repeat(64)
const CONTAINER = {
  Id: ID,
  Names: ['/lamp-web-1'],
  Image: 'lamp-web',
  ImageID: `sha256:${ID}`,
  Command: 'true',
  Created: 0,
  Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
  Labels: {
    'com.docker.compose.project': 'lamp',
    'com.docker.compose.service': 'web',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.config-hash': ID,
    'com.docker.compose.oneoff': 'False',
  },
  State: 'running',
  Status: 'Up 1 second (healthy)',
  HostConfig: { NetworkMode: 'lamp_front' },
  NetworkSettings: { Networks: {} },
  Mounts: [],
}

/** A second one, so that there is something to sort. */
const OTHER = {
  ...CONTAINER,
  Id: '1'.repeat(64),
  Names: ['/lamp-db-1'],
  Labels: { ...CONTAINER.Labels, 'com.docker.compose.service': 'db' },
}

/** Paths that are known, their status and body. */
const ANSWERS: readonly (readonly [RegExp, number, object])[] = [
  // Whoever changes a project asks for what is stopped, too.
  [/^\/containers\/json.*all=true/, 200, []],
  [/^\/containers\/json/, 200, [CONTAINER, OTHER]],
  [/^\/networks\?/, 200, []],
  [/^\/volumes\?/, 200, { Volumes: [], Warnings: [] }],
]

/** A server that gives them; whoever asks for anything else is told that there is none. */
export function createWarmUpEngine(): Server {
  const server = createServer(({ url = '' }, response) => {
    const [, status, body] = ANSWERS.find(([path]) => path.test(url)) ?? [url, 404, { message: 'not here' }]
    const text = JSON.stringify(body)
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length })
    response.end(text)
  })
  // An exec is asked for an upgrade: the connection becomes the command's streams.
  server.on('upgrade', (_request, socket) => {
    // Who goes before it has all of it says why by its status.
    socket.on('error', () => socket.destroy())
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    socket.write(encodeTold({ Id: 'e' }))
    socket.write(encodeFrame('stdout', Buffer.from('x')))
    socket.end(encodeTold({ ExitCode: 0 }))
  })
  return server
}

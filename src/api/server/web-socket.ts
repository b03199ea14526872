import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { failure } from '../../diagnostics/index.ts'

/** Bytes of one message of a client: what it types, or pipes in. */
const LONGEST_MESSAGE = 16 * 1024 * 1024

/**
 * Answers the handshake of an upgrade request. A connection that the client ends is closed when what it sent has been read.
 * Throws `WEBSOCKET_WANTED`, with nothing sent yet.
 */
export async function openWebSocket(request: IncomingMessage, socket: Duplex): Promise<Duplex> {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: LONGEST_MESSAGE })
  const webSocket = await new Promise<WebSocket>((resolve, reject) => {
    server.on('wsClientError', error => reject(webSocketWanted(error.message)))
    // What came with the head is on the socket already.
    server.handleUpgrade(request, socket, Buffer.alloc(0), resolve)
  })
  const stream = createWebSocketStream(webSocket)
  stream.once('end', () => stream.destroy())
  return stream
}

function webSocketWanted(detail: string): Error {
  const summary = 'Attach by a WebSocket: the request is no handshake of one'
  return failure({ code: 'WEBSOCKET_WANTED', kind: 'invalidArgument', summary, detail })
}

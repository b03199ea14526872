/**
 * Messages that a client's session serves: `fsutil.types` (tonistiigi/fsutil), `moby.filesync.v1`, `moby.buildkit.secrets.v1`,
 * `moby.sshforward.v1`, `moby.upload.v1` (BuildKit's session/…), `grpc.health.v1`.
 */
export const SESSION = {
  Packet: { type: '1 int32', stat: '2 Stat', ID: '3 uint32', data: '4 bytes' },
  Stat: {
    path: '1 bytes',
    mode: '2 uint32',
    uid: '3 uint32',
    gid: '4 uint32',
    size: '5 int64',
    modTime: '6 int64',
    linkname: '7 bytes',
    devmajor: '8 int64',
    devminor: '9 int64',
  },
  CredentialsRequest: { Host: '1 string' },
  CredentialsResponse: { Username: '1 string', Secret: '2 string' },
  FetchTokenRequest: {
    ClientID: '1 string',
    Host: '2 string',
    Realm: '3 string',
    Service: '4 string',
    Scopes: '5 string[]',
  },
  FetchTokenResponse: { Token: '1 string' },
  GetSecretRequest: { ID: '1 string' },
  GetSecretResponse: { data: '1 bytes' },
  CheckAgentRequest: { ID: '1 string' },
  CheckAgentResponse: {},
  HealthCheckRequest: { service: '1 string' },
  HealthCheckResponse: { status: '1 int32' },
} as const

// Ports of the host, fixed addresses and names that go from one service to another within one `up`.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let box: Sandbox

beforeAll(async () => {
  box = makeSandbox()
  await box.busybox()
  await box.hold()
})
afterAll(() => box.close())

const NAMES = ['a', 'b', 'c', 'd']
/** Of this test alone: a loopback address and a subnet. */
const HOST = '127.0.63.12'
const SUBNET = '10.211.45'

/** Who has what: by service the number of its port, of its address and of its name. */
function file(numbers: readonly number[]): string {
  const services = NAMES.map((name, index) => {
    const number = numbers[index] ?? 0
    return `  ${name}:
    image: busybox
    init: true
    container_name: hand-${process.pid}-${number}
    command: [httpd, -f, -p, "80"]
    ports: ["${HOST}:${18_000 + number}:80", "${HOST}:${18_010 + 10 * number}-${18_019 + 10 * number}:90/udp"]
    networks: {front: {ipv4_address: ${SUBNET}.${10 + number}}}`
  })
  return `services:\n${services.join('\n')}
networks: {front: {ipam: {config: [{subnet: ${SUBNET}.0/24}]}}}
`
}

interface Row {
  readonly Service: string
  readonly Name: string
  readonly Publishers: readonly { readonly PublishedPort: number; readonly Protocol: string }[]
}

/** What each service has, by its container's name and port. */
async function observed(): Promise<string[]> {
  const { stdout } = await box.ok('ps', '--format', 'json')
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Row)
    .map(({ Service, Name, Publishers }) => {
      const port = Publishers.find(({ Protocol }) => Protocol === 'tcp')?.PublishedPort
      return `${Service} ${Name} ${port}`
    })
    .sort()
}

test('what one has goes to the next, round after round', async () => {
  let numbers = NAMES.map((_, index) => index)
  for (let round = 0; round < 12; round++) {
    // Round about, two and two, and to numbers that nobody had.
    const [first = 0, second = 0, third = 0, fourth = 0] = numbers
    if (round % 3 === 0) numbers = [second, third, fourth, first]
    else if (round % 3 === 1) numbers = [second, first, fourth, third]
    else numbers = [second, (Math.max(...numbers) + 1) % 8, first, third]
    if (new Set(numbers).size < numbers.length) numbers = NAMES.map((_, index) => (index + round) % 8)
    box.write('compose.yaml', file(numbers))
    const { status, stderr } = await box.run('up', '-d')
    expect({ round, status, stderr: status === 0 ? '' : stderr }).toEqual({ round, status: 0, stderr: '' })
    expect(await observed()).toEqual(
      NAMES.map(
        (name, index) => `${name} hand-${process.pid}-${numbers[index]} ${18_000 + (numbers[index] ?? 0)}`,
      ),
    )
  }
})

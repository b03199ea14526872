const { readFileSync } = require('node:fs')
const { createServer } = require('node:http')
// Debian's packages node-pg and node-redis; with npm these are the packages pg and redis.
const { Pool } = require('pg')
const { createClient } = require('redis')

const { DB_HOST, DB_USER, DB_NAME, DB_PASSWORD_FILE, REDIS_URL } = process.env
const database = new Pool({
  host: DB_HOST,
  user: DB_USER,
  database: DB_NAME,
  password: readFileSync(DB_PASSWORD_FILE, 'utf8').trim(),
})
const cache = createClient({ url: REDIS_URL })
// Both come back by themselves when their server was restarted; without a listener the process would end.
database.on('error', error => console.error('database:', error.message))
cache.on('error', error => console.error('cache:', error.message))

/** Counts this visit in both and returns the counts. */
async function countVisit() {
  await database.query('INSERT INTO visits DEFAULT VALUES')
  const { rows } = await database.query('SELECT count(*)::int AS visits FROM visits')
  return { visits: rows[0].visits, hits: await cache.incr('hits') }
}

const server = createServer(async (request, response) => {
  try {
    const answer = request.url === '/' ? await countVisit() : { ok: true }
    response.setHeader('Content-Type', 'application/json').end(`${JSON.stringify(answer)}\n`)
  } catch (error) {
    console.error(error)
    response.writeHead(500).end('see the logs\n')
  }
})

async function main() {
  await cache.connect()
  await database.query('CREATE TABLE IF NOT EXISTS visits (at timestamptz DEFAULT now())')
  server.listen(3000, () => console.log('listening on port 3000'))
}

// The first process of a container hears no signal that it does not ask for.
process.on('SIGTERM', () => process.exit(0))
main()

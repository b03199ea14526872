import type { Service } from '../../model/index.ts'
import { splitReference } from '../../oci/reference.ts'

/** What rules know of a program that keeps data. */
export interface Database {
  readonly name: string
  /** Its images, by the repository without registry and tag. */
  readonly images: RegExp
  /** Where its images keep the data; none for those whose data may well go. */
  readonly folders: readonly string[]
  /** Variables that move the data elsewhere. */
  readonly movedBy?: string
  readonly ports: readonly number[]
  /** Schemes of its addresses. */
  readonly schemes?: readonly string[]
}

const DATABASES: readonly Database[] = [
  {
    name: 'PostgreSQL',
    images: /(?:^|\/)(?:postgres|postgresql|postgis|pgvector|timescaledb(?:-ha)?)$/,
    folders: ['/var/lib/postgresql', '/bitnami/postgresql', '/home/postgres/pgdata'],
    movedBy: 'PGDATA',
    ports: [5432],
    schemes: ['postgres', 'postgresql'],
  },
  {
    name: 'MySQL',
    images: /(?:^|\/)(?:mysql|mysql-server|mariadb|percona|percona-server)$/,
    folders: ['/var/lib/mysql', '/bitnami/mysql', '/bitnami/mariadb', '/config'],
    ports: [3306],
    schemes: ['mysql', 'mysql2', 'mariadb'],
  },
  {
    name: 'MongoDB',
    images: /(?:^|\/)(?:mongo|mongodb|mongodb-community-server)$/,
    folders: ['/data/db', '/bitnami/mongodb'],
    ports: [27017],
    schemes: ['mongodb'],
  },
  {
    name: 'SQL Server',
    images: /(?:^|\/)(?:mssql\/server|azure-sql-edge)$/,
    folders: ['/var/opt/mssql'],
    ports: [1433],
    schemes: ['sqlserver', 'mssql'],
  },
  {
    name: 'Elasticsearch',
    images: /(?:^|\/)(?:elasticsearch|opensearch)$/,
    folders: [
      '/usr/share/elasticsearch/data',
      '/usr/share/opensearch/data',
      '/bitnami/elasticsearch',
      '/bitnami/opensearch',
    ],
    ports: [9200, 9300],
  },
  {
    name: 'Cassandra',
    images: /(?:^|\/)cassandra$/,
    folders: ['/var/lib/cassandra', '/bitnami/cassandra'],
    ports: [9042],
  },
  {
    name: 'ClickHouse',
    images: /(?:^|\/)clickhouse(?:-server)?$/,
    folders: ['/var/lib/clickhouse', '/bitnami/clickhouse'],
    ports: [8123],
  },
  {
    name: 'CouchDB',
    images: /(?:^|\/)couchdb$/,
    folders: ['/opt/couchdb/data', '/bitnami/couchdb'],
    ports: [5984],
  },
  {
    name: 'InfluxDB',
    images: /(?:^|\/)influxdb$/,
    folders: ['/var/lib/influxdb', '/var/lib/influxdb2', '/bitnami/influxdb'],
    ports: [8086],
  },
  { name: 'Neo4j', images: /(?:^|\/)neo4j$/, folders: ['/data', '/bitnami/neo4j'], ports: [7687] },
  {
    name: 'Redis',
    images: /(?:^|\/)(?:redis|redis-stack|redis-stack-server|valkey|keydb|dragonfly)$/,
    folders: [],
    ports: [6379],
    schemes: ['redis', 'rediss', 'valkey'],
  },
  { name: 'memcached', images: /(?:^|\/)memcached$/, folders: [], ports: [11211] },
  { name: 'etcd', images: /(?:^|\/)etcd$/, folders: [], ports: [2379] },
  { name: 'ZooKeeper', images: /(?:^|\/)zookeeper$/, folders: [], ports: [2181] },
]

/** The database that a service runs, by its image. */
export function databaseOf({ image }: Service): Database | undefined {
  return image === undefined
    ? undefined
    : DATABASES.find(({ images }) => images.test(splitReference(image).name))
}

/** Ports that tell the database even where the image does not; others are those of many programs. */
const TELLING = new Set([1433, 3306, 5432, 6379, 11211, 27017])

/** The database that a port of a service leads to. */
export function databaseBehind(service: Service, target: number): Database | undefined {
  const database = databaseOf(service) ?? (TELLING.has(target) ? databaseOn(target) : undefined)
  return database?.ports.includes(target) ? database : undefined
}

function databaseOn(port: number): Database | undefined {
  return DATABASES.find(({ ports }) => ports.includes(port))
}

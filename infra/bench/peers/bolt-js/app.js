// The click on @slack/bolt and the AWS SDK, as their documentation has it.

const { createHmac } = require('node:crypto');
const { BatchGetItemCommand, DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { App, AwsLambdaReceiver } = require('@slack/bolt');

const { MASTER_KEY, PUBLIC_URL, SENTRY_URL, SLACK_SIGNING_SECRET, TABLE_NAME } = process.env;

const table = new DynamoDBClient({});
const receiver = new AwsLambdaReceiver({ signingSecret: SLACK_SIGNING_SECRET });
const app = new App({ authorize, processBeforeResponse: true, receiver });

// The installation and the person, in one read.
async function authorize({ enterpriseId, teamId, userId }) {
  const Keys = [
    { pk: { S: `TEN#${teamId}` }, sk: { S: 'INST' } },
    { pk: { S: `SLK#${teamId}#${userId}` }, sk: { S: 'ID' } },
  ];
  const answer = await table.send(
    new BatchGetItemCommand({ RequestItems: { [TABLE_NAME]: { Keys, ConsistentRead: true } } }),
  );
  const rows = Object.fromEntries(answer.Responses[TABLE_NAME].map((row) => [row.sk.S, row]));
  return {
    enterpriseId,
    teamId,
    botToken: rows.INST.bot_token.S,
    botUserId: rows.INST.bot_user.S,
    organization: rows.INST.organizations.L[0].M.slug.S,
    identity: rows.ID,
  };
}

function link(team, user) {
  const until = String(Math.floor(Date.now() / 1000) + 600);
  const query = new URLSearchParams({ team, user, until }).toString();
  const proof = createHmac('sha256', MASTER_KEY).update(query).digest('hex');
  return `${PUBLIC_URL}/link?${query}&proof=${proof}`;
}

app.action('status::resolved', async ({ ack, body, context, respond }) => {
  await ack();
  const { identity, organization } = context;
  if (!identity) {
    const url = link(body.team.id, body.user.id);
    await respond({
      text: `<${url}|Link your Sentry account> to act on issues.`,
      replace_original: false,
    });
    return;
  }
  const { blocks, text } = body.message;
  const { issue } = JSON.parse(blocks[0].block_id);
  const answer = await fetch(
    `${SENTRY_URL}/api/0/organizations/${organization}/issues/${issue}/`,
    {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${identity.tokens.M.access.S}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ status: 'resolved' }),
    },
  );
  if (!answer.ok) {
    await respond({ text: 'Sentry did not take it.', replace_original: false });
    return;
  }
  const { shortId } = await answer.json();
  const said = `${shortId} resolved by <@${body.user.id}>`;
  const kept = blocks.filter((block) => block.type !== 'actions');
  kept.push({ type: 'context', elements: [{ type: 'mrkdwn', text: said }] });
  await respond({ text, blocks: kept, replace_original: true });
});

const started = receiver.start();

exports.handler = async (event, context) => (await started)(event, context);

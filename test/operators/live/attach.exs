# What Livebook does where a notebook is attached to a node: it is a long name of loopback that connects hidden, with a cookie for that
# node alone, and loads modules there. The other node of the cluster must not learn of it.
[first, second] = Enum.map(System.argv(), &String.to_atom/1)
cookie = String.to_atom(System.fetch_env!("COOKIE"))
{:ok, _} = Node.start(:"livebook_1@127.0.0.1", :longnames)
Node.set_cookie(:of_its_own)
Node.set_cookie(first, cookie)
true = :net_kernel.hidden_connect_node(first)
:pong = Node.ping(first)

[{module, binary} | _] = Code.compile_string("defmodule Attached do def node_of, do: node() end")
{:module, ^module} = :erpc.call(first, :code, :load_binary, [module, 'attached', binary])
^first = :erpc.call(first, module, :node_of, [])

# Nodes that one reaches and another does not would be parted by now.
Process.sleep(3000)
[^second] = :erpc.call(first, Node, :list, [])
[:"livebook_1@127.0.0.1"] = :erpc.call(first, Node, :list, [:hidden])
seen = :erpc.call(first, :erpc, :call, [second, Node, :list, [:connected]])
false = :"livebook_1@127.0.0.1" in seen
true = first in seen
IO.puts("a notebook runs in a node, and the other one does not see it")

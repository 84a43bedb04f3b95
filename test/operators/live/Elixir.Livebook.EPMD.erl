%% A stand-in for the module of this name in Livebook: for nodes that it has not started itself it asks what Erlang asks.
-module('Elixir.Livebook.EPMD').
-export([start_link/0, register_node/2, register_node/3, listen_port_please/2]).
-export([port_please/2, port_please/3, address_please/3, names/1]).

start_link() -> erl_epmd:start_link().
register_node(Name, Port) -> register_node(Name, Port, inet).
register_node(Name, Port, Family) ->
    case erl_epmd:register_node(Name, Port, Family) of
        {ok, Creation} -> {ok, Creation};
        _ -> {ok, -1}
    end.
listen_port_please(Name, Host) -> erl_epmd:listen_port_please(Name, Host).
port_please(Name, Host) -> erl_epmd:port_please(Name, Host).
port_please(Name, Host, Timeout) -> erl_epmd:port_please(Name, Host, Timeout).
address_please(Name, Host, Family) -> erl_epmd:address_please(Name, Host, Family).
names(Host) -> erl_epmd:names(Host).

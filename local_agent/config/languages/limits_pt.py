"""What nobody here can do or know, as it is asked for in Portuguese, of Portugal and of Brazil."""

from __future__ import annotations

from local_agent.config.languages.facts import Refusals

_PLEASE = (
    r"(?:(?:ok|okay|olá|oi|ei|ó pá|ó|oh|ah|eh|hum|então|bom|bem|pois|olha|olhe|ouve|escuta|escute|sim|aí|desculpa"
    r"|desculpe"
    r"|agora|e|mas|por (?:favor|gentileza)|(?:se )?faz(?:es)? favor|bom dia|boa (?:tarde|noite)) )*"
)
_SOFTLY = (
    r"(?:(?:por (?:favor|gentileza|acaso)|(?:se )?faz favor|aí|já|agora|só|um (?:pouco|bocado|pouquinho|bocadinho)"
    r"|mais) )*"
)
_CAN = (
    r"(?:(?:você |cê |tu |o senhor |a senhora )?(?:podes?|poderias?|podia|podias|consegues?|conseguia|dá para|dá pra"
    r"|quer|queres|será que podes?|importas te de))"
)
_WILL_YOU = rf"{_CAN} {_SOFTLY}"
_THANKS = (
    r"(?: (?:por (?:favor|gentileza)|(?:se )?faz favor|obrigad[oa]|agora|já|aí|tá|tá bom|está bem|sim|pá|ok|viu|né))*"
)
_DAY = (
    r"(?:hoje|amanhã|depois de amanhã|logo|mais (?:tarde|logo)|daqui a (?:um )?(?:pouco|bocado))"
    r"(?: (?:de|à|pela|ao) (?:manhã|tarde|noite|fim do dia))?|(?:esta|essa) (?:manhã|tarde|noite)|à noite|de manhã"
)
_CLOCK = r"(?:às|à|pelas|para as|pras|pra|ao) (?:uma|meio dia|meia noite|\w+(?: (?:e|horas?|da|de) ?\w*)*)"
_ON = (
    r"(?:na |no |este |esta |para |pro |pra |nesta |neste )?(?:segunda|terça|quarta|quinta|sexta)(?: feira)?"
    r"|(?:no |este |para o |pro |neste )?(?:sábado|domingo|fim de semana)|(?:na |para a )?(?:próxima semana"
    r"|semana que vem)"
)
_AT = rf"(?:{_DAY}|{_CLOCK}|{_ON})"
_KIN = (
    r"(?:mãe|mamãe|mamã|pai|papai|papá|irmã|irmão|marido|mulher|esposa|esposo|filh[oa]s?|namorad[oa]|amig[oa]|chefe"
    r"|patrão|colega|vizinh[oa]|médic[oa]|doutora?|dentista|avó|avô|vovó|vovô|pais|advogad[oa]|banco|ti[oa]|prim[oa])"
)
_OF = r"(?:o|a|os|as|ao|à|aos|às|para [oa]|pr[oa]|para|pra)"
_NAME = r"(?!ti\b|mim\b|você|isso|isto|atenção|tudo|nada|ele\b|ela\b|um)[a-zà-ú]{3,}(?: (?!um|que)[a-zà-ú]+)?"
_TO = (
    rf"(?:(?:{_OF}|a) (?:(?:meus?|minhas?|nossos?|nossas?) )?{_KIN}|(?:minha|meu) {_KIN}|{_OF} (?:polícia|bombeiros"
    rf"|banco|farmácia"
    rf"|restaurante|canalizador|encanador|cabeleireir[oa]|oficina|hospital)|(?:[oaàn]|ao|para [oa]|pr[oa]"
    rf"|para) {_NAME})"
)
_MESSAGE = r"(?:uma? (?:mensagem|mensagenzinha|sms|whatsapp|zap|e mail|email|mail|áudio|recado|torpedo))"
_MAIL = (
    r"(?:os|as|o|meus|minhas|os meus|as minhas) (?:novos |novas |últim[oa]s )?(?:e mails?|emails?|mails?|mensagens|sms"
    r"|notificações)(?: nov[oa]s| não lid[oa]s| por ler)?"
)
_THE = r"(?:(?:o|a|os|as|meu|minha|todas|todos) )*"
_DEVICE = (
    r"(?:luz|luzes|lâmpadas?|candeeiro|aquecimento|aquecedor|tele|tv|televisão|televisor|rádio|música|som|volume"
    r"|ventoinha|ventilador|ar condicionado|ar|forno|fogão|máquina de (?:lavar|café)(?: [a-z]+)?|estores?|persianas?"
    r"|cortinas?"
    r"|janelas?|portas?|portão|garagem|alarme|computador)(?: da (?:frente|rua|garagem|entrada))?"
)
_ROOM = r"(?: (?:d[ao]|n[ao]|em|para|pra) [a-zà-ú]+(?: (?:graus|de [a-z]+))?)?"
_ORDERED = (
    r"(?:(?:uma?|dois|duas|três|quatro|\d+|umas?|uns|mais) (?:\w+ ){0,2}?(?:mesa|restaurante|reserva|quarto|hotel"
    r"|voo|pizzas?|bilhetes?"
    r"|ingressos?|entradas?|passage(?:m|ns)|flores|comida|carro|bicicleta|ração|lanche|hambúrguer|livro|lugares)"
    r"(?: [\w ]{1,40})?|(?:flores|comida|pizza|sushi|bilhetes|ingressos)(?: (?:para|pra|pro|no|na) [\w ]{1,20})?)"
)
_RIDE = r"(?:uma? (?:táxi|ambulância|uber))(?: (?:para|pr[oa]|até) [\w ]{1,25})?"
_MUSIC = (
    r"(?:(?:um pouco de|uma|a|o|um|umas|alguma) )?(?:música|músicas|musiquinha|canção|canções|jazz|rock|samba|fado"
    r"|álbum"
    r"|disco|rádio|playlist|podcast|audiolivro)(?: [\w ]{1,30})?"
)
_LIST = (
    r"(?:à|na|da|em|para a|pra) (?:minha )?(?:lista d[ea]s? (?:compras?|supermercado|mercado|tarefas)|agenda)"
    r"|(?:no|ao|em) (?:meu )?calendário"
)
_DRINK = (
    r"(?:uma? (?:outro )?(?:café|cafezinho|bica|chá|sanduíche|sandes|copo de (?:água|vinho)|cerveja"
    r"|chávena de (?:chá|café)"
    r"|xícara de (?:chá|café)|chocolate quente|suco|sumo|torrada))"
)
_ONLINE = r"(?:na|pela) (?:internet|net|web)|no google|online"
_INF = r"(?:[a-zà-ú]+[aei]r|pôr|ir|ver)"
_TO_DO = rf"(?:de |que tenho de |que tenho que |para |pra ){_INF}\b(?: [\w ]{{1,60}})?"
_DUE = (
    r"(?:d[ao]|n[ao]) (?:minha |meu )?(?:consulta|reunião|aniversário|compromisso|remédio|medicamento|prova|exame)"
    r"[\w ]{0,40}"
)
_HAVE_TO = r"que (?:eu )?(?:tenho|temos|preciso|vou|devo|há) [\w ]{2,60}"
_OWED = (
    r"(?:a (?:minha )?(?:conta|fatura|renda|prestação|multa)|o (?:meu )?(?:aluguel|boleto|cartão"
    r"|condomínio))(?: [\w ]{1,30})?"
)
_DATED = r"(?:consulta|marcação|reunião|reserva|horário|hora|voo|encontro|compromisso|encomenda)(?: [\w ]{1,40})?"
_SAYING = r"(?:que|a dizer que|dizendo que|a avisar que|avisando que)"


def _asked(now: str, to: str) -> str:
    """A verb with what it is done for: "lembra-me", "me lembra", "podes lembrar-me", "pode me lembrar"."""
    me = "(?:me|nos|lhe)"
    return (
        rf"(?:(?:{me} )?(?:{now})(?: {me}| (?:pra|para|por) mim)?"
        rf"|(?:{me} )?{_WILL_YOU}(?:{me} )?(?:{to})(?: {me}| (?:pra|para|por) mim)?)"
    )


_FOR_ME = r"(?: (?:pra|para|por) (?:mim|nós|a gente))?"
_ADD = _asked(
    r"adicion[ae]|acrescent[ae]|põe|ponha|coloc[ae]|bota|anota|anote|aponta|marca|junta|inclui",
    r"adicionar|acrescentar|pôr|colocar|anotar|marcar",
)
_BUY = _asked(
    r"reserv[ae]|ped[ei]|peça|encomend[ae]|compr[ae]|alug[au]e?",
    r"reservar|pedir|encomendar|comprar|alugar",
)
_ARRANGE = _asked(
    r"marca|marque|agenda|agende|desmarca|desmarque|cancela|cancele|remarca|adia|confirma",
    r"marcar|agendar|desmarcar|cancelar|remarcar|adiar",
)
_TURN = _asked(
    r"acend[ea]|apag[ao]|apague|lig[ao]|ligue|deslig[ao]|desligue"
    r"|abr[ea]|fech[ae]|sob[ea]|baix[ae]|aument[ae]|diminu[ia]|abaix[ae]|tranc[ao]",
    r"acender|apagar|ligar|desligar|abrir|fechar|subir|baixar|aumentar|diminuir|abaixar|trancar",
)
_DO = (
    rf"{_asked('lig[ao]|ligue|telefon[ae]|lig[ae] lá', 'ligar|telefonar')} {_SOFTLY}{_TO}(?: {_AT})*",
    rf"{_asked('chama|chame', 'chamar')} (?:a polícia|os bombeiros|uma ambulância|o médico)",
    rf"{_asked('chama|chame|pede|peça|arranja', 'chamar|pedir|arranjar')} {_SOFTLY}{_RIDE}{_FOR_ME}",
    rf"{_asked('lembr[ae]|recorda', 'lembrar|recordar')} (?:{_AT} )*(?:{_TO_DO}|{_DUE}|{_HAVE_TO})",
    rf"(?:não (?:me )?(?:deix[ae]s?|deixe)(?: me| eu)?) (?:eu )?esquecer (?:{_TO_DO}|{_DUE})",
    rf"{_asked('acorda|acorde|desperta', 'acordar|despertar')}(?: {_AT})*",
    rf"{_asked('põe|ponha|coloc[ao]|coloque|bota|bote|programa|marca|ativa', 'pôr|colocar|botar|programar|marcar')}"
    r" (?:(?:um|o|uma|meu|dois|novo) )+(?:despertador|alarmes?|lembrete)(?: [\w ]{1,60})?",
    rf"{_asked('mand[ae]|envi[ae]', 'mandar|enviar')} {_SOFTLY}(?:{_MESSAGE} {_TO}"
    rf"|{_TO} {_MESSAGE})(?: [\w ]{{1,60}})?",
    rf"(?:(?:manda|envia) me|me (?:manda|envia)) {_MESSAGE}(?: [\w ]{{1,60}})?",
    rf"{_asked('avis[ae]', 'avisar')} {_TO}(?: {_SAYING} [\w ]{{2,60}})?",
    rf"{_asked('diz|diga|fala|fale', 'dizer|falar')} (?:à minha|ao meu|pra minha|pro meu|para a minha"
    rf"|para o meu) {_KIN}"
    r" que [\w ]{2,60}",
    rf"{_asked('diz|diga|fala|fale', 'dizer|falar')} {_TO} que (?:eu )?(?:não )?(?:vou|estou|chego|tô|já|o jantar)\b"
    r"[\w ]{0,60}",
    rf"{_ADD}"
    rf" (?:[\w ]{{1,60}} (?:{_LIST})|(?:{_LIST}) [\w ]{{2,60}})",
    rf"{_asked('lê|leia', 'ler')} {_MAIL}",
    rf"{_BUY}"
    rf" {_SOFTLY}{_ORDERED}(?: {_AT})*{_FOR_ME}",
    rf"{_ARRANGE}"
    rf" (?:uma|um|a|o) (?:minha |meu )?{_DATED}",
    rf"{_asked('toc[ao]|toque|põe|ponha|coloc[ae]|bota|mete', 'tocar|pôr|colocar|botar|meter')}(?: a tocar)? "
    rf"{_SOFTLY}{_MUSIC}|(?:adiciona|põe|coloca|bota)"
    r" [\w ]{1,60} (?:na|à) (?:minha )?playlist(?: [\w ]{1,40})?|(?:toca|toque"
    r"|reproduz) [\w ]{2,60} (?:no (?:spotify|youtube|deezer))",
    rf"{_TURN}"
    rf" {_SOFTLY}{_THE}{_DEVICE}{_ROOM}(?: (?:à|com a) chave)?",
    rf"{_asked('pesquis[ae]|procur[ae]|busc[ao]|busque|vê|veja', 'pesquisar|procurar|buscar|ver')} (?:isso |isto )?"
    rf"(?:(?:{_ONLINE})(?: [\w ]{{1,60}})?|[\w ]{{2,60}} (?:{_ONLINE}))",
    rf"{_asked('pag[ao]|pague', 'pagar')} {_OWED}",
    rf"(?:faz|faça|prepara|prepare|traz|traga)(?: me| pra mim| para mim) {_DRINK}|me (?:faz|faça|traz|traga|prepara)"
    rf" {_DRINK}|(?:faz|traz|prepara|serve) {_DRINK}(?: pra mim| para mim)|(?:me )?{_WILL_YOU}(?:me )?(?:fazer|trazer"
    rf"|preparar)(?: me)? {_DRINK}{_FOR_ME}",
)
_NOWISH = rf"(?: (?:{_DAY}|{_ON}|agora|neste momento|nesse momento|lá fora|aqui|atualmente|por aqui))"
_THERE = r"(?: em [a-zà-ú]+(?: [a-zà-ú]+)?| n[oa] [a-zà-ú]+)?"
_FEEL = r"(?:(?:muito|mais|tão) )?(?:frio|calor|quente|vento|sol|nublado|húmido|úmido|fresco|bom tempo|ventoso|chuvoso)"
_SHOP = (
    r"(?:a (?:farmácia|biblioteca|padaria|piscina|pastelaria|loja)|o (?:supermercado|banco|museu|restaurante|mercado"
    r"|shopping"
    r"|cinema|correio)|os correios)"
)
_DEAR = r"(?:(?:o|a|um) )?(?:bitcoin|ouro|prata|petróleo|gasolina|gasóleo|diesel|dólar|euro|libra|litro de gasolina)"
_IS = r"(?:está|tá|estará|vai estar|é|será)"
_MONEY = r"(?:dólar(?:es)?|euros?|libras?|francos?|reais|real|ienes?)"
_SKY = r"(?:chover|nevar|gear|fazer (?:frio|calor|sol|bom tempo)|estar (?:frio|calor|sol|bom tempo)|ter sol)"
_WHAT = r"(?:o )?que(?: é que)?"
_NOW = (
    rf"(?:como (?:é que )?(?:{_IS}|fica) o (?:tempo|clima)|que tempo (?:faz|está|fará|vai (?:fazer|estar))"
    rf"|qual (?:é )?a"
    rf" (?:previsão(?: do tempo)?|temperatura)|como (?:é que )?vai (?:ser|estar|ficar) o (?:tempo|clima))(?: para(?: o"
    rf"| a)?)?(?: fim de semana)?{_NOWISH}*{_THERE}{_NOWISH}*",
    rf"(?:{_DAY} )?(?:vai|irá|será que vai) {_SKY}{_NOWISH}*{_THERE}{_NOWISH}*|(?:choverá|nevará){_NOWISH}*|(?:está|tá)"
    rf" (?:a chover|chovendo|a nevar|nevando|frio|calor)(?:{_NOWISH})*|chove(?:{_NOWISH})+",
    rf"quantos graus (?:estão|está|tá|faz|há|tem){_NOWISH}*|(?:{_DAY} )?(?:está|tá|faz|vai (?:fazer|estar|haver|ter)"
    rf"|fará|estará|há|haverá"
    rf"|tem) {_FEEL}(?:{_NOWISH}+{_THERE}|{_THERE}{_NOWISH}+)|(?:{_DAY} )?vai (?:fazer|estar|haver|ter) {_FEEL}",
    rf"qual (?:é |será )?a (?:temperatura|humidade|umidade|previsão)(?: atual"
    rf"| do tempo)?(?: para)?(?:{_NOWISH}*{_THERE}|{_THERE}{_NOWISH}*)"
    rf"|quando (?:é que )?(?:vai (?:chover|nevar|parar de chover)|para de chover|chove){_NOWISH}*|(?:vai haver"
    rf"|vai ter|haverá) (?:uma )?"
    rf"(?:tempestade|trovoada|neve|chuva|nevoeiro|temporal){_NOWISH}*{_THERE}",
    rf"(?:{_DAY} )?(?:eu )?(?:preciso(?: de)?|vou precisar de|devo (?:usar|levar|vestir)|tenho (?:de|que) levar"
    rf"|devo levar|levo) (?:levar )?(?:um |o )?"
    rf"(?:guarda chuva|casaco|chapéu de chuva|sombrinha){_NOWISH}*",
    rf"(?:quais (?:são|foram) as|que|{_WHAT}) (?:últimas )?(?:notícias|novidades|manchetes)(?: (?:há|tem|temos))?(?: de"
    rf" {_DAY}| do dia)?{_NOWISH}*|{_WHAT} (?:aconteceu|está acontecendo|se passa) (?:hoje|no mundo)(?: no mundo)?",
    r"quem (?:é que )?(?:ganhou|venceu) (?:o (?:jogo|derby|clássico)|a (?:partida|corrida|final))(?: (?:do|da|de|entre)"
    r" [\w ]{1,25})?(?: (?:ontem(?: à noite)?|hoje|no domingo))|quanto (?:foi|ficou|tá|está) o jogo(?: [\w ]{1,20})?",
    rf"(?:quanto (?:é que )?(?:custa|vale|está|tá|é)|a quanto está|qual (?:é )?(?:o preço|a cotação|o valor) d[oa])"
    rf"(?:{_NOWISH})* {_DEAR}(?:{_NOWISH})+|(?:quanto (?:custa|vale|está|tá)|qual (?:é )?(?:o preço|a cotação|o valor)"
    rf" d[oa]) (?:(?:o|a|um) )?(?:bitcoin|ouro|petróleo|gasolina|dólar)",
    rf"quant[oa]s? (?:é|são|dá|dão|valem) [\w ]{{1,20}} {_MONEY} em {_MONEY}",
    r"(?:quando|(?:a )?que horas)(?: é que)? (?:passa|sai|chega|parte|vem) o próximo (?:autocarro|ônibus|comboio|trem"
    r"|metro|metrô|elétrico|voo|avião|barco)(?: (?:para|pra|pro|de) [\w ]{1,20})?",
    rf"(?:{_SHOP} (?:ainda )?(?:está|tá|continua) (?:abert[ao]s?|fechad[ao]s?)|(?:ainda )?(?:está|tá) (?:abert[ao]"
    rf"|fechad[ao])"
    rf" {_SHOP}|{_SHOP} (?:já )?(?:abriu|fechou)){_NOWISH}*",
    rf"{_WHAT} (?:está a dar|tá passando|está passando|passa|dá|tem|vai dar){_NOWISH}* (?:na|no) (?:tv|televisão|tele"
    rf"|cinema){_NOWISH}*|como (?:é que )?(?:está|tá) o (?:trânsito|tráfego){_NOWISH}*",
)
_THING = (
    r"(?:chaves?|telemóvel|telefone|celular|óculos|carro|carteira|mala|bolsa|cão|cachorro|gato|comando|controle|sapatos"
    r"|marido|mulher|esposa|filho|filha|irmão|irmã)"
)
_MINE = r"(?:(?:o |a |os |as )?(?:meus?|minhas?))"
_SELF = (
    rf"(?:(?:sabes?|você sabe|lembras te de|lembra|se lembra de) )?como (?:é que )?(?:eu )?me chamo|(?:qual é"
    rf"|você sabe|sabes)"
    rf" {_MINE} (?:nome|apelido|sobrenome|idade|morada|endereço|número(?: de (?:telefone|telemóvel))?|aniversário)"
    r"|quando é o meu aniversário|quando (?:é que )?(?:eu )?faço anos",
    r"quem (?:é que )?(?:eu )?sou(?: eu)?|(?:você |cê |tu )?sabes? quem (?:é que )?(?:eu )?sou"
    r"|quantos anos (?:é que )?(?:eu )?tenho"
    r"|quanto (?:é que )?(?:eu )?(?:peso|meço)",
    r"(?:onde|aonde)(?: é que)? (?:eu )?(?:estou|tô|moro|vivo|estamos)(?: (?:agora|neste momento))?|em que (?:cidade"
    r"|país"
    r"|rua) (?:é que )?(?:eu )?(?:estou|moro|vivo|estamos)",
    rf"{_WHAT} (?:eu )?(?:tenho (?:vestido|na mão)|estou (?:vestindo|a vestir|fazendo|a fazer|comendo|a comer|usando"
    rf"|a beber|bebendo|segurando))(?: (?:hoje|agora))?|que roupa (?:eu )?(?:estou|tô) (?:usando|a usar)",
    rf"(?:de )?que cor (?:é|são|tem|têm) {_MINE} (?:camisa|camisola|camiseta|blusa|cabelo|olhos|carro|sapatos|vestido"
    rf"|casaco|calças?|casa)|qual (?:é )?a cor (?:do meu|da minha|dos meus) [a-zà-ú]+",
    r"quantos dedos (?:é que )?(?:eu )?(?:estou|tô) (?:mostrando|a mostrar)|como (?:é que )?(?:eu )?estou vestid[oa]",
    rf"onde (?:é que )?(?:está|estão|tá|tão|eu (?:deixei|pus|coloquei)|deixei|pus|coloquei|estacionei) (?:{_MINE}|o"
    rf"|a|os"
    rf"|as) {_THING}|cadê {_MINE} {_THING}",
    r"quem (?:é que )?(?:está|tá) (?:comigo|ao meu lado|atrás de mim|na porta|à porta|(?:aqui )?(?:na sala|no quarto|na"
    r" cozinha)(?: comigo)?)|quantas pessoas (?:estão|há|tem|somos) (?:aqui|n(?:a|esta) (?:sala|casa))",
    rf"{_WHAT} (?:eu )?(?:comi|fiz|comprei|bebi|almocei|jantei|sonhei)(?: (?:ao|no|de) (?:almoço"
    rf"|jantar))? (?:ontem(?: à"
    rf" noite)?|hoje|esta manhã|anteontem)",
    rf"(?:{_DAY} )?(?:eu )?tenho (?:(?:alguma?|uma?|algumas|alguns) )?(?:reunião|reuniões|consultas?|compromissos?"
    rf"|marcaç(?:ão"
    rf"|ões)|mensage(?:m|ns) novas?|e mails? novos?){_NOWISH}*",
    rf"{_WHAT} (?:eu )?(?:tenho|há|tem) (?:na minha agenda|no meu calendário|na minha lista(?: de compras)?){_NOWISH}*",
    r"(?:quando|(?:a )?que horas) (?:é|tenho)(?: que é)? (?:o meu |a minha )?(?:próxim[ao] )?(?:consulta|reunião|voo"
    r"|entrevista|compromisso)",
    rf"{_MINE} (?:encomenda|pacote|pedido|entrega) (?:já )?(?:chegou|foi entregue)|já chegou {_MINE} (?:encomenda"
    rf"|pacote"
    rf"|pedido)",
    r"(?:eu )?(?:estou|tô|sou) (?:feliz|triste|cansad[oa]|sozinh[oa]|casad[oa]) ou [a-zà-ú]+",
)

REFUSALS = Refusals(
    please=_PLEASE,
    thanks=_THANKS,
    do=_DO,
    cant="Desculpe, isso não posso fazer. Só posso falar consigo.",
    now=_NOW,
    always="inverno|verão|primavera|outono|normalmente|geralmente|em geral|em média|clima da|marte|lua|vénus|vênus",
    unknown="Não sei. Não tenho internet, por isso não posso verificar.",
    self=_SELF,
    unseen="Não sei. Não consigo ver, e ainda não me disse.",
    others="significa|quer dizer|se diz|diz se|em (?:inglês|alemão|francês|italiano|espanhol|latim|chinês)|história"
    "|conto"
    "|romance|poema|adivinha|frase|seria|deveria|conselho|dizia|filme",
    told=r"eu|me|mim|meu|meus|minha|minhas|sou|estou|tô|tenho|moro|vivo|comigo|nós|noss[oa]s?|peso|meço|comi|jantei|fiz"
    r"|comprei|visto",
)

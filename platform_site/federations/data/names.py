# ruff: noqa: E501
"""What the source does not give: names of the first tier, readings, English forms, corrections.

Data for ``build.py`` only. Where it is from is said in README.md and docs/data.md.
"""

from __future__ import annotations

FTU = "Federation of Trade Unions"

#: code, kind, Chinese name, English name, short Chinese, short English; in official order.
FIRST_TIER = [
    ("ACFTU", "national", "中华全国总工会", "All-China Federation of Trade Unions", "全国总工会", "ACFTU"),
    ("110000", "provincial", "北京市总工会", f"Beijing Municipal {FTU}", "北京", "Beijing"),
    ("120000", "provincial", "天津市总工会", f"Tianjin Municipal {FTU}", "天津", "Tianjin"),
    ("130000", "provincial", "河北省总工会", f"Hebei Provincial {FTU}", "河北", "Hebei"),
    ("140000", "provincial", "山西省总工会", f"Shanxi Provincial {FTU}", "山西", "Shanxi"),
    ("150000", "provincial", "内蒙古自治区总工会", f"Inner Mongolia Autonomous Region {FTU}", "内蒙古", "Inner Mongolia"),
    ("210000", "provincial", "辽宁省总工会", f"Liaoning Provincial {FTU}", "辽宁", "Liaoning"),
    ("220000", "provincial", "吉林省总工会", f"Jilin Provincial {FTU}", "吉林", "Jilin"),
    ("230000", "provincial", "黑龙江省总工会", f"Heilongjiang Provincial {FTU}", "黑龙江", "Heilongjiang"),
    ("310000", "provincial", "上海市总工会", f"Shanghai Municipal {FTU}", "上海", "Shanghai"),
    ("320000", "provincial", "江苏省总工会", f"Jiangsu Provincial {FTU}", "江苏", "Jiangsu"),
    ("330000", "provincial", "浙江省总工会", f"Zhejiang Provincial {FTU}", "浙江", "Zhejiang"),
    ("340000", "provincial", "安徽省总工会", f"Anhui Provincial {FTU}", "安徽", "Anhui"),
    ("350000", "provincial", "福建省总工会", f"Fujian Provincial {FTU}", "福建", "Fujian"),
    ("360000", "provincial", "江西省总工会", f"Jiangxi Provincial {FTU}", "江西", "Jiangxi"),
    ("370000", "provincial", "山东省总工会", f"Shandong Provincial {FTU}", "山东", "Shandong"),
    ("410000", "provincial", "河南省总工会", f"Henan Provincial {FTU}", "河南", "Henan"),
    ("420000", "provincial", "湖北省总工会", f"Hubei Provincial {FTU}", "湖北", "Hubei"),
    ("430000", "provincial", "湖南省总工会", f"Hunan Provincial {FTU}", "湖南", "Hunan"),
    ("440000", "provincial", "广东省总工会", f"Guangdong Provincial {FTU}", "广东", "Guangdong"),
    ("450000", "provincial", "广西壮族自治区总工会", f"Guangxi Zhuang Autonomous Region {FTU}", "广西", "Guangxi"),
    ("460000", "provincial", "海南省总工会", f"Hainan Provincial {FTU}", "海南", "Hainan"),
    ("500000", "provincial", "重庆市总工会", f"Chongqing Municipal {FTU}", "重庆", "Chongqing"),
    ("510000", "provincial", "四川省总工会", f"Sichuan Provincial {FTU}", "四川", "Sichuan"),
    ("520000", "provincial", "贵州省总工会", f"Guizhou Provincial {FTU}", "贵州", "Guizhou"),
    ("530000", "provincial", "云南省总工会", f"Yunnan Provincial {FTU}", "云南", "Yunnan"),
    ("540000", "provincial", "西藏自治区总工会", f"Xizang Autonomous Region {FTU}", "西藏", "Xizang"),
    ("610000", "provincial", "陕西省总工会", f"Shaanxi Provincial {FTU}", "陕西", "Shaanxi"),
    ("620000", "provincial", "甘肃省总工会", f"Gansu Provincial {FTU}", "甘肃", "Gansu"),
    ("630000", "provincial", "青海省总工会", f"Qinghai Provincial {FTU}", "青海", "Qinghai"),
    ("640000", "provincial", "宁夏回族自治区总工会", f"Ningxia Hui Autonomous Region {FTU}", "宁夏", "Ningxia"),
    ("650000", "provincial", "新疆维吾尔自治区总工会", f"Xinjiang Uygur Autonomous Region {FTU}", "新疆", "Xinjiang"),
    ("XPCC", "corps", "新疆生产建设兵团总工会", f"Xinjiang Production and Construction Corps {FTU}", "兵团", "XPCC"),
    ("IU01", "industrial", "中国教科文卫体工会", "National Committee of the Chinese Education, Science, Culture, Health and Sports Workers' Union", "教科文卫体", "Education, Science, Culture, Health and Sports"),
    ("IU02", "industrial", "中国海员建设工会", "National Committee of the Chinese Seafarers and Construction Workers' Union", "海员建设", "Seafarers and Construction"),
    ("IU03", "industrial", "中国能源化学地质工会", "National Committee of the Chinese Energy, Chemical and Geological Workers' Union", "能源化学地质", "Energy, Chemical and Geology"),
    ("IU04", "industrial", "中国机械冶金建材工会", "National Committee of the Chinese Machinery, Metallurgical and Building Material Workers' Union", "机械冶金建材", "Machinery, Metallurgy and Building Materials"),
    ("IU05", "industrial", "中国国防邮电工会", "National Committee of the Chinese Defence Industry, Postal and Telecommunications Workers' Union", "国防邮电", "Defence, Posts and Telecommunications"),
    ("IU06", "industrial", "中国财贸轻纺烟草工会", "National Committee of the Chinese Financial, Commercial, Light Industry, Textile and Tobacco Workers' Union", "财贸轻纺烟草", "Finance-Trade, Light Industry, Textile and Tobacco"),
    ("IU07", "industrial", "中国农林水利气象工会", "National Committee of the Chinese Agricultural, Forestry, Water Conservancy and Meteorology Workers' Union", "农林水利气象", "Agriculture, Forestry, Water and Meteorology"),
    ("IU08", "industrial", "中华全国铁路总工会", f"All-China Railway {FTU}", "铁路", "Railway"),
    ("IU09", "industrial", "中国民航工会", "National Committee of the Chinese Civil Aviation Workers' Union", "民航", "Civil Aviation"),
    ("IU10", "industrial", "中国金融工会", "National Committee of the Chinese Financial Workers' Union", "金融", "Finance"),
    ("CSO", "central_organs", "中央和国家机关工会联合会", "Joint Trade Union of Central Party and State Organs", "中央和国家机关", "Central Party and State Organs"),
]  # fmt: skip

#: Other names by which people search a unit.
ALSO_CALLED = {
    "ACFTU": "全总",
    "XPCC": "新疆生产建设兵团",
    "IU01": "教育",
    "IU08": "全国铁路",
}

#: number, seat in Chinese and English, ordinal. Their codes XPCC01–XPCC14 are the platform's own.
CORPS_DIVISIONS = [
    ("第一师", "阿拉尔市", "Alar", "First"),
    ("第二师", "铁门关市", "Tiemenguan", "Second"),
    ("第三师", "图木舒克市", "Tumxuk", "Third"),
    ("第四师", "可克达拉市", "Kokdala", "Fourth"),
    ("第五师", "双河市", "Shuanghe", "Fifth"),
    ("第六师", "五家渠市", "Wujiaqu", "Sixth"),
    ("第七师", "胡杨河市", "Huyanghe", "Seventh"),
    ("第八师", "石河子市", "Shihezi", "Eighth"),
    ("第九师", "白杨市", "Baiyang", "Ninth"),
    ("第十师", "北屯市", "Beitun", "Tenth"),
    ("第十一师", "乌鲁木齐市", "Urumqi", "Eleventh"),
    ("第十二师", "乌鲁木齐市", "Urumqi", "Twelfth"),
    ("第十三师", "新星市", "Xinxing", "Thirteenth"),
    ("第十四师", "昆玉市", "Kunyu", "Fourteenth"),
]

#: Rows of the source that are no county of the register of divisions.
DROPPED = {
    "232761": "加格达奇区: run by Da Hinggan Ling itself, not a registered division",
    "232762": "松岭区: likewise",
    "232763": "新林区: likewise",
    "232764": "呼中区: likewise",
    "460321": "西沙群岛: replaced in 2020 by a district whose code the source lacks",
    "460322": "南沙群岛: likewise",
    "460323": "中沙群岛的岛礁及其海域: likewise",
    "632857": "大柴旦行政委员会: an administrative committee, not a registered division",
}

#: Divisions abolished in 2021 that the source lists beside their successors.
ABOLISHED = {
    "330103": "330105",
    "330104": "330102",
    "350402": "350404",
    "350403": "350404",
    "350427": "350405",
    "350625": "350605",
    "350681": "350604",
    "410306": "410308",
    "410322": "410308",
    "410381": "410307",
    "431121": "431181",
    "450127": "450181",
    "513425": "513402",
    "520522": "520581",
    "532331": "532302",
    "610322": "610305",
    "610928": "610981",
    "654223": "654203",
}

#: Kinds of place, the longer first.
KINDS_OF_PLACE = {
    "自治州": "Autonomous Prefecture",
    "自治县": "Autonomous County",
    "自治旗": "Autonomous Banner",
    "联合旗": "United Banner",
    "地区": "Prefecture",
    "矿区": "Mining District",
    "县": "County",
    "区": "District",
    "市": "City",
    "盟": "League",
    "旗": "Banner",
}

PEOPLES = {
    "哈萨克族": "Kazak", "哈萨克": "Kazak", "柯尔克孜": "Kirgiz", "塔吉克": "Tajik", "锡伯": "Xibe",
    "蒙古族": "Mongolian", "蒙古": "Mongolian", "朝鲜族": "Korean", "土家族": "Tujia", "苗族": "Miao",
    "藏族": "Tibetan", "羌族": "Qiang", "彝族": "Yi", "布依族": "Bouyei", "侗族": "Dong",
    "哈尼族": "Hani", "壮族": "Zhuang", "傣族": "Dai", "白族": "Bai", "景颇族": "Jingpo",
    "傈僳族": "Lisu", "回族": "Hui", "满族": "Manchu", "畲族": "She", "瑶族": "Yao", "黎族": "Li",
    "各族": "Multi-Ethnic", "仫佬族": "Mulam", "毛南族": "Maonan", "仡佬族": "Gelao", "水族": "Shui",
    "纳西族": "Naxi", "拉祜族": "Lahu", "佤族": "Va", "布朗族": "Blang", "普米族": "Pumi",
    "独龙族": "Derung", "怒族": "Nu", "裕固族": "Yugur", "保安族": "Bonan", "撒拉族": "Salar",
    "东乡族": "Dongxiang", "土族": "Tu", "达斡尔族": "Daur",
}  # fmt: skip

#: Readings of single characters in the names of places, where the usual guess is another.
READINGS_OF_CHARACTERS = {
    "长": "chang", "勒": "le", "阿": "a", "朝": "chao", "蚌": "beng", "佛": "fo", "尾": "wei",
    "都": "du", "乐": "le", "什": "shi", "柏": "bai", "牟": "mu", "埔": "pu", "卡": "ka",
    "曲": "qu", "会": "hui", "和": "he", "宿": "su", "台": "tai", "泊": "bo", "盛": "sheng",
    "行": "xing", "余": "yu", "华": "hua", "车": "che", "扎": "zha", "屯": "tun", "大": "da",
    "中": "zhong", "重": "chong", "单": "shan", "丽": "li", "亳": "bo", "石": "shi", "沈": "shen",
    "沙": "sha", "兴": "xing", "调": "diao", "令": "ling", "任": "ren", "尉": "wei", "召": "zhao",
}  # fmt: skip

#: Readings of whole names (or parts of names), which go before those of characters.
READINGS = {
    "重庆": "chong qing", "六安": "lu an", "六合": "lu he", "长子": "zhang zi", "东阿": "dong e",
    "乐清": "yue qing", "乐陵": "lao ling", "乐亭": "lao ting", "尉犁": "yu li", "番禺": "pan yu",
    "大埔": "da bu", "浪卡子": "lang ka zi", "吴堡": "wu bu", "马尾": "ma wei", "台州": "tai zhou",
    "丽水": "li shui", "亳州": "bo zhou", "厦门": "xia men", "荥阳": "xing yang",
    "荥经": "ying jing", "大城": "dai cheng", "井陉": "jing xing", "洪洞": "hong tong",
    "繁峙": "fan shi", "蔚县": "yu xian", "涡阳": "guo yang", "砀山": "dang shan", "歙县": "she xian",
    "黟县": "yi xian", "枞阳": "zong yang", "铅山": "yan shan", "莘县": "shen xian",
    "莒": "ju", "浚县": "xun xian", "泌阳": "bi yang", "武陟": "wu zhi", "郏县": "jia xian",
    "隰县": "xi xian", "万柏林": "wan bai lin", "筠连": "jun lian", "犍为": "qian wei",
    "射洪": "she hong", "什邡": "shi fang", "郫都": "pi du", "盱眙": "xu yi", "邳州": "pi zhou",
    "鄄城": "juan cheng", "郓城": "yun cheng", "临朐": "lin qu", "鄱阳": "po yang",
    "余干": "yu gan", "监利": "jian li", "秭归": "zi gui", "猇亭": "xiao ting", "黄陂": "huang pi",
    "耒阳": "lei yang", "汨罗": "mi luo", "新干": "xin gan", "藁城": "gao cheng", "行唐": "xing tang",
    "宕昌": "tan chang", "柞水": "zha shui", "鄠邑": "hu yi", "若羌": "ruo qiang", "伽师": "jia shi",
    "且末": "qie mo", "召陵": "shao ling", "渑池": "mian chi", "叶县": "ye xian", "浉河": "shi he",
    "瀍河": "chan he", "单县": "shan xian", "牟定": "mou ding", "朝鲜": "chao xian",
    "莎车": "sha che", "噶尔": "ga er", "色达": "se da", "色尼": "se ni", "嵊泗": "sheng si",
    "嵊州": "sheng zhou", "洞头": "dong tou", "句容": "ju rong", "盖州": "gai zhou",
    "涪陵": "fu ling", "北碚": "bei bei", "綦江": "qi jiang", "巷": "xiang", "石拐": "shi guai",
    "解放": "jie fang", "解州": "xie zhou", "冠县": "guan xian", "任": "ren", "华州": "hua zhou",
    "华阴": "hua yin", "覃塘": "qin tang", "澄江": "cheng jiang", "沾益": "zhan yi",
    "漾濞": "yang bi", "龟": "qiu", "敦煌": "dun huang", "济": "ji", "天台": "tian tai",
    "鲅鱼圈": "ba yu quan", "喀喇沁": "ka la qin", "磴口": "deng kou", "盂县": "yu xian",
    "吕梁": "lv liang", "绿": "lv", "闾": "lv", "吐鲁番": "tu lu fan", "红寺堡": "hong si pu",
    "十堰": "shi yan", "巴彦淖尔": "ba yan nao er", "涿": "zhuo", "郯": "tan", "芷江": "zhi jiang",
    "珙": "gong", "古蔺": "gu lin", "儋": "dan", "东莞": "dong guan", "莞": "guan", "圳": "zhen",
    "衢": "qu", "瓯": "ou", "邗江": "han jiang", "睢": "sui", "颍": "ying", "亭": "ting",
    "仙居": "xian ju", "洮": "tao", "岢岚": "ke lan", "兖": "yan", "沁": "qin", "茌平": "chi ping",
    "栖霞": "qi xia", "栖": "qi", "堰": "yan", "员": "yuan", "硚口": "qiao kou", "蕲春": "qi chun",
    "浠水": "xi shui", "郧": "yun", "澧": "li", "溆浦": "xu pu", "攸县": "you xian",
    "酃": "ling", "郴": "chen", "邛崃": "qiong lai", "梓潼": "zi tong", "阆中": "lang zhong",
    "漯河": "luo he", "闵行": "min hang", "珲春": "hun chun", "崆峒": "kong tong",
    "龙圩": "long xu", "曾都": "zeng du", "称多": "chen duo", "穆棱": "mu ling",
    "仡佬": "ge lao", "丹棱": "dan leng", "勐": "meng", "砚山": "yan shan", "峄城": "yi cheng",
    "滕州": "teng zhou", "罘": "fu", "芝罘": "zhi fu", "即墨": "ji mo", "崂山": "lao shan",
}  # fmt: skip

#: Official or customary English forms that are not the pinyin of the Chinese name.
ENGLISH = {
    "呼和浩特": "Hohhot", "鄂尔多斯": "Ordos", "呼伦贝尔": "Hulunbuir", "巴彦淖尔": "Bayannur",
    "乌兰察布": "Ulanqab", "兴安盟": "Hinggan League", "锡林郭勒": "Xilingol",
    "阿拉善": "Alxa", "齐齐哈尔": "Qiqihar", "哈尔滨": "Harbin", "大兴安岭": "Da Hinggan Ling",
    "拉萨": "Lhasa", "日喀则": "Xigaze", "昌都": "Qamdo", "林芝": "Nyingchi", "那曲": "Nagqu",
    "阿里": "Ngari", "乌鲁木齐": "Urumqi", "克拉玛依": "Karamay", "吐鲁番": "Turpan",
    "博尔塔拉": "Bortala", "巴音郭楞": "Bayingolin", "阿克苏": "Aksu", "克孜勒苏": "Kizilsu",
    "喀什": "Kashgar", "和田": "Hotan", "伊犁": "Ili", "塔城": "Tacheng", "阿勒泰": "Altay",
    "甘孜": "Garze", "阿坝": "Aba", "迪庆": "Deqen", "果洛": "Golog",
    "满洲里": "Manzhouli", "二连浩特": "Erenhot", "锡林浩特": "Xilinhot", "乌兰浩特": "Ulanhot",
    "阿尔山": "Arxan", "额尔古纳": "Ergun", "额济纳": "Ejin", "乌珠穆沁": "Ujimqin",
    "东乌珠穆沁旗": "East Ujimqin Banner", "西乌珠穆沁旗": "West Ujimqin Banner",
    "土默特": "Tumed", "科尔沁": "Horqin", "喀喇沁": "Harqin", "察哈尔": "Qahar", "乌拉特": "Urad",
    "鄂托克": "Otog", "苏尼特": "Sonid", "巴林": "Bairin", "阿鲁科尔沁": "Ar Horqin",
    "克什克腾": "Hexigten", "翁牛特": "Ongniud", "奈曼": "Naiman", "库伦": "Hure", "扎鲁特": "Jarud",
    "达拉特": "Dalad", "准格尔": "Jungar", "杭锦": "Hanggin", "乌审": "Uxin", "伊金霍洛": "Ejin Horo",
    "阿荣": "Arun", "扎赉特": "Jalaid", "扎兰屯": "Zalantun", "陈巴尔虎": "Chen Barag",
    "新巴尔虎": "Xin Barag", "阿巴嘎": "Abag", "敖汉": "Aohan", "和林格尔": "Horinger",
    "四子王": "Siziwang", "达尔罕茂明安": "Darhan Muminggan", "莫力达瓦": "Morin Dawa",
    "鄂伦春自治旗": "Oroqen Autonomous Banner", "鄂温克族自治旗": "Evenk Autonomous Banner",
    "东乡族自治县": "Dongxiang Autonomous County", "喀喇沁左翼": "Harqin Left Wing",
    "前郭尔罗斯": "Qian Gorlos", "杜尔伯特": "Dorbod", "阿克塞": "Aksay", "肃北": "Subei",
    "香格里拉": "Shangri-La", "德钦": "Deqen", "格尔木": "Golmud", "德令哈": "Delingha",
    "库尔勒": "Korla", "喀什市": "Kashgar City", "阿图什": "Artux", "石河子": "Shihezi",
    "阿拉尔": "Alar", "图木舒克": "Tumxuk", "可克达拉": "Kokdala", "霍尔果斯": "Khorgos",
    "奎屯": "Kuytun", "伊宁": "Yining", "博乐": "Bole", "阿拉山口": "Alashankou", "乌苏": "Usu",
    "塔什库尔干": "Taxkorgan", "察布查尔": "Qapqal", "和布克赛尔": "Hoboksar", "巴里坤": "Barkol",
    "木垒": "Mori", "焉耆": "Yanqi", "莎车": "Shache", "叶城": "Yecheng", "英吉沙": "Yengisar",
    "库车": "Kuqa", "若羌": "Ruoqiang", "且末": "Qiemo", "轮台": "Luntai", "鄯善": "Shanshan",
    "托克逊": "Toksun", "玛纳斯": "Manas", "呼图壁": "Hutubi", "吉木萨尔": "Jimsar", "奇台": "Qitai",
    "布尔津": "Burqin", "哈巴河": "Habahe", "吉木乃": "Jeminay", "特克斯": "Tekes", "尼勒克": "Nilka",
    "巴楚": "Maralbexi", "麦盖提": "Makit", "岳普湖": "Yopurga", "伽师": "Jiashi", "疏附": "Shufu",
    "阿瓦提": "Awat", "阿克陶": "Akto", "阿合奇": "Akqi", "策勒": "Qira", "乌恰": "Ulugqat",
    "堆龙德庆": "Doilungdeqen", "达孜": "Dagze", "林周": "Lhunzhub", "当雄": "Damxung",
    "尼木": "Nyemo", "曲水": "Quxu", "墨竹工卡": "Maizhokunggar", "桑珠孜": "Samzhubze",
    "江孜": "Gyangze", "定日": "Tingri", "聂拉木": "Nyalam", "吉隆": "Gyirong", "仲巴": "Zhongba",
    "普兰": "Burang", "札达": "Zanda", "噶尔": "Gar", "日土": "Rutog", "革吉": "Ge'gyai",
    "改则": "Gerze", "措勤": "Coqen", "卡若": "Karub", "巴宜": "Bayi", "乃东": "Nedong",
    "色尼": "Seni", "墨脱": "Medog", "察隅": "Zayu", "波密": "Bomi", "米林": "Mainling",
    "错那": "Cona", "浪卡子": "Nagarze", "矿区": "Kuangqu District", "城区": "Chengqu District",
    "郊区": "Jiaoqu District", "陕州区": "Shanzhou District", "六枝特区": "Liuzhi Special District",
    "滨海新区": "Binhai New Area", "浦东新区": "Pudong New Area", "沈北新区": "Shenbei New District",
    "白云鄂博": "Bayan Obo", "海拉尔": "Hailar", "扎赉诺尔": "Jalainur", "霍林郭勒": "Holingol",
    "托克托": "Togtoh", "富拉尔基": "Fularji", "萨尔图": "Sartu", "马尔康": "Barkam",
    "若尔盖": "Zoige", "壤塘": "Zamtang", "沙依巴克": "Saybag", "乌尔禾": "Orku",
    "昂昂溪": "Ang'angxi", "梅里斯": "Meilisi", "芒市": "Mangshi City",
    "城关区": "Chengguan District", "神农架林区": "Shennongjia Forestry District",
}  # fmt: skip

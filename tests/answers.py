"""A whole pilot plan, filled in without a doubt."""

GOOD_ANSWERS = {
    "basis": "根据全国总工会有关通知和省总工会党组会议精神，制定本方案。",
    "goals": "用一年时间摸清底数，建立联系机制，在珠三角形成可复制的经验做法，"
    "推动社会组织更好服务职工，到期形成制度成果和典型案例并加以推广。",
    "places": "广州市、深圳市、佛山市顺德区。",
    "organisations": "广州市某职工服务中心（业务范围：劳动法律咨询和调解）。",
    "pilots_province": "1",
    "pilots_city": "2",
    "pilots_county": "3",
    "tasks": "（一）摸底调查，建立台账，年底前完成，责任单位为省总工会社会联络部。"
    "（二）建立联席会议制度，每季度召开一次，责任单位为各试点市总工会。"
    "（三）购买服务，公开遴选项目，按期组织验收和绩效评价，责任单位为省总工会财务部。",
    "steps": "启动阶段：十月底前印发方案并部署。推进阶段：次年八月底前组织实施并开展中期评估。总结阶段：次年年底前验收总结。",
    "starts_on": "2026-10-20",
    "organisation": "由分管副主席牵头，社会联络部负责，建立月调度机制。",
    "leading_group": "yes",
    "in_reform_plan": "no",
    "contact_persons": "21",
    "funds_purchased": "120.5",
    "approved_by": "party_group",
    "approved_on": "2026-09-10",
}
